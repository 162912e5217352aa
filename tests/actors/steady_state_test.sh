#!/bin/sh
# A message costs no allocation and no system call: a long game has as many of
# both as a short one.
#
#   steady_state_test.sh <the program of steady_state_test.cpp>

program=$1
failed=0

# expect_same <what> <short> <long>
expect_same() {
  echo "$1: $2 for the short game, $3 for the long one"
  [ "$2" = "$3" ] || failed=1
}

# The number of system calls of a command, of all kinds together.
syscalls_of() {
  strace -f -c -o "$trace" "$@" >/dev/null && awk 'END { print $4 }' "$trace"
}

trace=$(mktemp) && trap 'rm -f "$trace"' EXIT
may_trace=yes
strace -o "$trace" true 2>/dev/null || may_trace=no

for game in ping_pong ask ask_in_time ask_through ask_polite bursts; do
  expect_same "$game: allocations" \
    "$("$program" $game 10000)" "$("$program" $game 100000)"
  [ $may_trace = no ] || expect_same "$game: system calls" \
    "$(syscalls_of "$program" $game 10000)" \
    "$(syscalls_of "$program" $game 100000)"
done
[ $may_trace = yes ] || echo "strace is missing or not allowed: not counted"
exit $failed
