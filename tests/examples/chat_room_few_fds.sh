#!/usr/bin/env bash
# Does the chat room survive more clients than it may have descriptors? Prints a
# transcript.
#
#   chat_room_few_fds.sh <chat_room>

set -euo pipefail

complaints=$(mktemp)
coproc server {
  ulimit -n 40
  exec "$1" --listen 127.0.0.1:0 2>"$complaints"
}
trap 'kill "$server_PID"; rm -f "$complaints"' EXIT
read -r -u "${server[0]}" line
url=${line##* }
port=${url##*:}
port=${port%/}

ask() { curl --silent --show-error --max-time 30 "$@"; }

echo '$ GET /' && ask "$url"

clients=()
hang_up() {
  local client
  for client in "${clients[@]}"; do exec {client}>&-; done
}
for _ in {1..60}; do
  exec {client}<>"/dev/tcp/127.0.0.1/$port"
  clients+=("$client")
done
echo '60 clients come and say nothing; it says what is wrong:'
until grep --only-matching --max-count=1 'Too many open files' "$complaints"; do
  sleep 0.1
done

echo 'one comes after them, and waits; they go'
(hang_up && ask "$url") & last=$!
hang_up
wait "$last"
echo '$ GET /topic1/alice' && ask "${url}topic1/alice"
echo 'how often it complained, at most:'
[[ $(grep --count 'Too many open files' "$complaints") -lt 100 ]] && echo 100
