# gevent was asked for longer; a longer test would show nothing more.
count() { awk 'END { print NR }'; }
echo '$ curl -sN --max-time 3.5 (body lines with arrival second)'
begun=$EPOCHSECONDS
{ curl -sN --max-time 1.5 "$site/" || true; } | while read -r line; do
  echo "$((EPOCHSECONDS - begun)) $line"
done
start
echo '$ fresh server: raw head and first chunk'
{
  exec 3<>"/dev/tcp/$host"
  printf 'GET / HTTP/1.1\r\nHost: x\r\n\r\n' >&3
  head -n 9 <&3 | sed 's/\r$/\\r/'
  exec 3>&-
}
start
echo '$ fresh server: two pollers for 4.2 s, lines together (they share one queue: each datum goes to exactly one)'
{ curl -sN --max-time 1.5 "$site/" || true; } >"$work/one" &
{ curl -sN --max-time 1.5 "$site/" || true; } >"$work/two"
wait $!
echo "lines: $(cat "$work/one" "$work/two" | count)"
echo '$ both clients gone; one new poller for 4.2 s on the same server: the two departed clients'"'"' greenlets still take data until a write fails'
{ curl -sN --max-time 1.5 "$site/" || true; } | count
