#!/bin/sh
# Builds and runs a stranger's project against greenroom. Used by ctest.
#
#   run.sh installed|subdirectory <greenroom's sources> <a build of greenroom> \
#     [<what to start the compiler through, as a list of CMake's>]

set -eu
way=$1 sources=$2 build=$3 launcher=${4-}
cmake=${CMAKE:-cmake}

# A place that is kept, so that only what changed is built again.
place=$build/tests/consumer/$way

case $way in
  installed)
    rm -rf "$place/prefix"
    "$cmake" --install "$build" --prefix "$place/prefix"
    set -- -D CMAKE_PREFIX_PATH="$place/prefix"
    ;;
  subdirectory)
    # Built from nothing here, so in few large pieces; the other way has the
    # network, too.
    set -- -D GREENROOM_SOURCE_DIR="$sources" -D GREENROOM_NET=OFF \
      -D CMAKE_UNITY_BUILD=ON
    ;;
esac

"$cmake" -G Ninja -S "$sources/tests/consumer/$way" -B "$place/build" \
  -D CMAKE_CXX_COMPILER_LAUNCHER="$launcher" "$@"
"$cmake" --build "$place/build"
"$place/build/stranger"
