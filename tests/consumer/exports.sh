#!/bin/sh
# Looks at what libgreenroom.so shows: names of greenroom and nothing else but
# what cmake/exports.map explains, and all of them that our own programs use. Used
# by ctest.
#
#   exports.sh <libgreenroom.so> <libgreenroom.a> <folder of object files>...

set -eu
shared=$1 static=$2
shift 2
scratch=$(mktemp -d)
trap 'rm -r "$scratch"' EXIT
cd "$scratch"
status=0

# say <what is wrong>: with the names on the standard input, if there are any
say() {
  c++filt >names
  [ -s names ] || return 0
  echo "$1:"
  sed 's/^/  /' names
  status=1
}

nm -D --defined-only "$shared" | awk '{ print $NF }' | sort -u >shown
[ -s shown ]
grep -vE -e '^_Z(T[ISV]|Thn[0-9]+_)?NK?9greenroom' \
  -e '^_ZN5boost4asio6detail15keyword_tss_ptrI.*E6value_E$' \
  shown >foreign || true
say "shown, and not greenroom's" <foreign

# Of what object files want, what the static library has and the shared one
# hides. (The rest is other libraries'. Consumers compile the library, too.)
nm -g --defined-only "$static" 2>nm_says | awk 'NF == 3 { print $3 }' |
  sort -u >there
find "$@" -path '*/consumer' -prune -o -name '*.o' -exec nm -u {} + | awk '{ print $NF }' | sort -u >wanted
[ -s wanted ]
comm -12 there wanted | comm -23 - shown >hidden
say "hidden, and wanted by programs (GREENROOM_API is missing)" <hidden

exit $status
