#!/usr/bin/env bash
# Does the chat room answer curl as the first one did? Prints the transcript.
#
#   chat_room_classic.sh <chat_room>

set -euo pipefail

coproc server { exec "$1" --listen 127.0.0.1:0; }
trap 'kill "$server_PID"; rm -f "${answer:-}"' EXIT
read -r -u "${server[0]}" line
url=${line##* }
url=${url%/}

ask() { curl --silent --show-error --max-time 30 "$@"; }
code() { ask --output /dev/null --write-out '%{http_code}\n' "$@"; }
post() { ask --request POST "$url$1"; }
put() { ask --data "message=$2" "$url$1"; }

echo '$ GET /' && ask "$url/"
echo '$ GET /alice' && ask "$url/alice"
echo '$ GET /topic1/alice' && ask "$url/topic1/alice"
echo '$ GET /topic1/bob' && ask "$url/topic1/bob"

echo '$ POST /poll/bob in the background, put by alice'
answer=$(mktemp)
post /poll/bob >"$answer" & poll=$!
code --data 'message=hi' "$url/put/topic1/alice"
wait "$poll" && cat "$answer" && echo

echo '$ POST /poll/alice (the writer also gets it)' && post /poll/alice && echo
echo '$ put two, then poll twice as bob: one message per poll, in order'
put /put/topic1/alice m1 && put /put/topic1/bob m2
post /poll/bob && echo && post /poll/bob && echo
echo '$ GET /topic1/carol (a late joiner sees the backlog)'
ask "$url/topic1/carol"
echo '$ POST /poll/carol (but her queue is empty: 10 s, then [])'
post /poll/carol && echo

echo '$ put into topic2: bob is not there; he gives up after a second'
ask "$url/topic2/alice" && put /put/topic2/alice elsewhere
curl --silent --max-time 1 --request POST "$url/poll/bob" || true
echo '$ put again, poll again: the abandoned poll has taken nothing'
put /put/topic1/alice 'not lost'
post /poll/bob && echo

echo '$ who or what is not there is 404'
code --request POST "$url/poll/nobody"
code "$url/nosuchroom/alice"
code --data 'message=x' "$url/put/topic1/nobody"
code --data 'message=x' "$url/put/nosuchroom/alice"
code --data 'nothing=x' "$url/put/topic1/alice"
code "$url/a/b/c"
code --request DELETE "$url/alice"
