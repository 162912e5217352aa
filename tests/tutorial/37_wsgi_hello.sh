echo '$ curl -si http://127.0.0.1:PORT/'
curl -si "$site/" && echo
echo '$ curl -sI (HEAD)'
curl -sI "$site/"
echo '$ curl -si --http1.0'
curl -si --http1.0 "$site/" && echo
echo '$ curl -si -X POST -d a=1'
curl -si -X POST -d a=1 "$site/" && echo
echo '$ curl two URLs: connections used'
curl -s -o /dev/null -o /dev/null -w '%{num_connects}\n' "$site/" "$site/"
echo '$ pipelined GETs through nc'
raw 'GET / HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n' && echo
echo '$ garbage request line through nc'
raw 'garbage\r\n\r\n'
