#!/bin/sh
# hello.cpp, with one worker of nginx. Prints the port it listens at.

set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
port=$(python3 -c 'import socket
s = socket.socket()
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])')
cat >"$place/conf" <<END
daemon off;
master_process off;
pid $place/pid;
error_log /dev/null;
events { worker_connections 1024; }
http {
  access_log off;
  keepalive_requests 1000000000;
  client_body_temp_path $place;
  proxy_temp_path $place;
  fastcgi_temp_path $place;
  uwsgi_temp_path $place;
  scgi_temp_path $place;
  server {
    listen 127.0.0.1:$port;
    default_type text/html;
    location / { return 200 "<p>Hello World</p>"; }
  }
}
END
nginx -c "$place/conf" &
nginx=$!
trap 'kill $nginx; rm -rf "$place"' TERM
until curl --silent --output /dev/null "http://127.0.0.1:$port/"; do sleep 0.1; done
echo "$port"
wait $nginx || true
