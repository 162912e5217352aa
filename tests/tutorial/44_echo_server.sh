#!/usr/bin/env bash
# Clients of 44_echo_server: a hundred at once, one that types, and one that
# knows nothing of greenroom.

set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")"/serve.sh
serve 44_echo_server
export PORT=$port

echo '$ python3 44_echo_client_100.py'
"$PROGRAMS"/44_echo_client_100

typed="printf 'one\ntwo\n'"
echo "\$ $typed | python3 45_echo_client_interactive.py"
printf 'one\ntwo\n' | "$PROGRAMS"/45_echo_client_interactive

echo '$ printf abc | nc'
exec 3<>/dev/tcp/127.0.0.1/"$port"
printf abc >&3
head -c 3 <&3
echo
exec 3>&-

echo '$ server stdout | sort | uniq -c'
# It learns a little later that clients have gone.
until [[ $(grep -c "b''" "$folder/printed") -eq 102 ]]; do
  kill -0 "$server"
  sleep 0.02
done
LC_ALL=C sort "$folder/printed" | uniq -c
