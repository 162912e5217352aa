#!/bin/sh
# Builds and runs strangers' projects against greenroom. Used by ctest, one way
# at a time:
#
#   run.sh install static|shared <build> [<cmake argument>...]
#       installs what is in this build, for those below; with arguments, makes
#       the build first
#   run.sh find_package static|shared    with CMake, from where it is installed
#   run.sh pkg_config static|shared      with pkg-config and a compiler
#   run.sh component static|shared       with CMake, and a part that is not there
#   run.sh sanitizer static|shared       with AddressSanitizer on one side only
#   run.sh zmq static|shared             the part of greenroom that is optional
#   run.sh asio shared                   together with Boost.Asio
#   run.sh plugins shared                a program with libraries of its own
#   run.sh subdirectory                  with greenroom's sources
#   run.sh fetchcontent                  with an archive of greenroom's sources
#
# The environment names CMAKE, CXX, SOURCES (greenroom's), LIBDIR (where it
# installs libraries) and PLACE, a folder that is kept, so that only what changed
# is built again.

set -eu
way=$1 kind=${2-}
prefix=$PLACE/$kind
project=$SOURCES/tests/consumer/$way
work=$PLACE/$way${kind:+_$kind}
# Those that compile the library do so in few large pieces, and without the
# network, which is in what is installed.
quickly="-D GREENROOM_NET=OFF -D CMAKE_UNITY_BUILD=ON"

# Builds a project with CMake, and runs what it makes.
build_and_run() {  # build_and_run <cmake argument>...
  "$CMAKE" -G Ninja -S "$project" -B "$work" "$@"
  "$CMAKE" --build "$work"
  "$work/stranger"
}

# The same with a compiler and pkg-config.
compile_and_run() {  # compile_and_run <source> <package>
  # Not quoted, because it is several words.
  "$CXX" -std=c++20 "$SOURCES/tests/consumer/$1" -o "$work/stranger" \
    $(pkg-config --cflags --libs "$2")
  "$work/stranger"
}

case $way in
  install)
    build=$3
    if [ $# -gt 3 ]; then
      shift 3
      "$CMAKE" -G Ninja -S "$SOURCES" -B "$build" "$@"
      "$CMAKE" --build "$build"
    fi
    rm -rf "$prefix"
    "$CMAKE" --install "$build" --prefix "$prefix"
    ;;

  find_package | zmq | asio)
    build_and_run -D CMAKE_PREFIX_PATH="$prefix"
    ;;

  plugins)
    build_and_run -D CMAKE_PREFIX_PATH="$prefix"
    "$work/latecomer"
    ;;

  pkg_config)
    mkdir -p "$work"
    export PKG_CONFIG_PATH="$prefix/$LIBDIR/pkgconfig"
    export LD_LIBRARY_PATH="$prefix/$LIBDIR"
    compile_and_run main.cpp greenroom
    if pkg-config --exists greenroom-zmq; then
      compile_and_run zmq/main.cpp greenroom-zmq
    fi
    ;;

  component)
    # Is not found, and says where it is missing.
    if said=$("$CMAKE" -G Ninja -S "$project" -B "$work" \
      -D CMAKE_PREFIX_PATH="$prefix" 2>&1); then
      exit 1
    fi
    echo "$said"
    echo "$said" | tr -s '\n ' ' ' |
      grep -q "The greenroom of $prefix/.* has no part nothing"
    ;;

  sanitizer)
    # Does not link, and says why.
    export PKG_CONFIG_PATH="$prefix/$LIBDIR/pkgconfig"
    if said=$("$CXX" -std=c++20 -fsanitize=address \
      "$SOURCES/tests/consumer/main.cpp" -o "$work" \
      $(pkg-config --cflags --libs greenroom) 2>&1); then
      exit 1
    fi
    echo "$said"
    echo "$said" | grep -q 'undefined.*library_.*_with_AddressSanitizer'
    ;;

  subdirectory)
    build_and_run $quickly -D GREENROOM_SOURCE_DIR="$SOURCES"
    ;;

  fetchcontent)
    mkdir -p "$work"
    cd "$SOURCES"
    # The same archive of the same files: then nothing is built again.
    tar --create --file "$work/greenroom.tar" --sort=name \
      --transform 's,^,greenroom/,' \
      CMakeLists.txt cmake greenroom.hpp runtime messaging actors
    hash=$(sha256sum <"$work/greenroom.tar")
    build_and_run $quickly -D GREENROOM_ARCHIVE="$work/greenroom.tar" \
      -D GREENROOM_ARCHIVE_HASH="${hash%% *}"
    ;;
esac
