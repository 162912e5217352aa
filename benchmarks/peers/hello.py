"""hello.cpp, with gevent's pywsgi. It writes twice for each answer, so that
without TCP_NODELAY it would wait for delayed acknowledgements most of the time.
"""

import socket

import gevent.socket
from gevent.pywsgi import WSGIServer


def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/html")])
    return [b"<p>Hello World</p>"]


listener = gevent.socket.socket()
listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
listener.bind(("127.0.0.1", 0))
listener.listen(500)
print(listener.getsockname()[1], flush=True)
WSGIServer(listener, application, log=None).serve_forever()
