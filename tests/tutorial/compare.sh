#!/usr/bin/env bash
# Does a program of the tutorial print what gevent printed?
#
#   compare.sh <name, with its path but without .out> <program>
#
# Where gevent itself does not always print the same, <name>.awk keeps what stays
# the same: it is applied to both.

set -euo pipefail
golden=$1.out filter=(cat) program=$2
[[ ! -f $1.awk ]] || filter=(awk -f "$1.awk")

"$program" | "${filter[@]}" | diff -u <("${filter[@]}" "$golden") -
