#!/usr/bin/python3
"""A peer from the world of Python, for zmq_peer_test.cpp.

    peer.py rep              binds, prints its endpoint, answers until "end"
    peer.py req <endpoint>   asks 100 times and checks the answers
    peer.py push <endpoint>  pushes 100 messages of two parts
    peer.py sub <endpoint>   subscribes to "news" and prints two messages
"""

import sys

import zmq

context = zmq.Context()
role = sys.argv[1]

if role == "rep":
    socket = context.socket(zmq.REP)
    port = socket.bind_to_random_port("tcp://127.0.0.1")
    print(f"tcp://127.0.0.1:{port}", flush=True)
    while True:
        question = socket.recv()
        socket.send(b"re: " + question)
        if question == b"end":
            break
elif role == "req":
    socket = context.socket(zmq.REQ)
    socket.connect(sys.argv[2])
    for n in range(100):
        socket.send(b"%d" % n)
        if socket.recv() != b"re: %d" % n:
            sys.exit(1)
elif role == "push":
    socket = context.socket(zmq.PUSH)
    socket.connect(sys.argv[2])
    for n in range(100):
        socket.send_multipart([b"%d" % n, b"x" * n])
elif role == "sub":
    socket = context.socket(zmq.SUB)
    socket.setsockopt(zmq.SUBSCRIBE, b"news")
    socket.connect(sys.argv[2])
    print(socket.recv().decode(), socket.recv().decode(), flush=True)

context.destroy(linger=-1)
