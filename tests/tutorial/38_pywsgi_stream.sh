show_cr() { sed 's/\r$/\\r/'; }
echo "\$ printf 'GET / HTTP/1.1...' | nc (raw, CR shown)"
raw 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n' | show_cr
echo
echo '$ HTTP/1.0 raw: no chunking, closed at the end'
raw 'GET / HTTP/1.0\r\nHost: x\r\n\r\n' | show_cr
echo
echo '$ curl -si'
curl -si "$site/" && echo
