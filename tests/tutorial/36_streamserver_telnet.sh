#!/usr/bin/env bash
# Clients of 36_streamserver_telnet: one, three in turn, twenty at once.

set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")"/serve.sh
serve 36_streamserver_telnet

client() {
  exec 3<>/dev/tcp/127.0.0.1/"$port"
  cat <&3
  exec 3>&-
}

echo '$ nc 127.0.0.1 PORT </dev/null'
client | tee "$folder/answer"

echo '$ three clients one after the other | sort | uniq -c'
for _ in 1 2 3; do client; done | LC_ALL=C sort | uniq -c

echo '$ 20 clients at once, number of complete answers'
clients=()
for i in {1..20}; do
  client >"$folder/answer$i" &
  clients+=($!)
done
wait "${clients[@]}"
complete=0
for i in {1..20}; do
  if cmp --quiet "$folder/answer" "$folder/answer$i"; then
    complete=$((complete + 1))
  fi
done
echo $complete
