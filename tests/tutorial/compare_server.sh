#!/usr/bin/env bash
# Does a server of the tutorial answer as gevent's did?
#
#   compare_server.sh <name, with its path but without .out> <program>
#
# Starts the program at a port that the system chooses, runs <name>.sh with
# $site ("http://127.0.0.1:1234") and $host ("127.0.0.1/1234", for /dev/tcp),
# and compares what that prints with <name>.out, both through http.awk, and
# <name>.awk where there is one.

set -euo pipefail
golden=$1.out script=$1.sh filter=$1.awk program=$2

work=$(mktemp -d)
server=
# shellcheck disable=SC2329  # a trap calls it
finish() {
  stop
  rm -r "$work"
}
trap finish EXIT

stop() {
  [[ -z $server ]] || { kill "$server" && wait "$server" || true; } 2>/dev/null
  server=
}

# Starts the server; stops one that runs already. Reads the port from the system,
# as soon as it listens there.
start() {
  stop
  "$program" 127.0.0.1:0 2>"$work/log" &
  server=$!
  local inode port=
  until [[ -n $port ]]; do
    kill -0 "$server"
    for inode in $(find "/proc/$server/fd" -lname 'socket:*' -printf '%l\n' |
      tr -dc '0-9\n'); do
      # Of /proc/net/tcp: local address, state (0A: listens), and inode.
      port=$(awk -v inode="$inode" \
        '$10 == inode && $4 == "0A" { split($2, at, ":"); print at[2] }' \
        /proc/net/tcp)
      [[ -z $port ]] || break
    done
  done
  port=$((16#$port))
  site=http://127.0.0.1:$port host=127.0.0.1/$port
}

# raw <bytes>: sends them, and prints what comes until the end.
raw() {
  exec 3<>"/dev/tcp/$host"
  printf '%b' "$1" >&3
  cat <&3
  exec 3>&-
}

start
# shellcheck source=/dev/null
source "$script" >"$work/out"
sed -i -E 's/^Date: [^\r\\]*/Date: <DATE>/' "$work/out"

even_out() {  # even_out <file>
  awk -f "${golden%/*}/http.awk" "$1" |
    if [[ -f $filter ]]; then awk -f "$filter"; else cat; fi
}
diff -u <(even_out "$golden") <(even_out "$work/out")
