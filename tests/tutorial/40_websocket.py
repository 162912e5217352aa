"""A client of 40_websocket that knows RFC 6455 and nothing of greenroom."""

import json
import socket
import struct
import sys

PORT = int(sys.argv[1])
SAMPLE_KEY = b"dGhlIHNhbXBsZSBub25jZQ=="  # of the RFC


def connect(head):
    connection = socket.create_connection(("127.0.0.1", PORT), timeout=20)
    connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n" + head + b"\r\n")
    return connection, connection.makefile("rb")


def upgrade(version):
    return (b"Upgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Key: " + SAMPLE_KEY + b"\r\n"
            b"Sec-WebSocket-Version: " + version + b"\r\n")


def receive(file):
    first, size = file.read(2)
    if size & 127 == 126:
        size = struct.unpack(">H", file.read(2))[0]
    return first, size >> 7, file.read(size & 127)


def send(connection, opcode, payload):
    mask = b"\x01\x02\x03\x04"
    masked = bytes(c ^ mask[i % 4] for i, c in enumerate(payload))
    head = bytes([0x80 | opcode, 0x80 | len(payload)])
    connection.sendall(head + mask + masked)


print("$ python3 40_ws_client.py")
connection, file = connect(upgrade(b"13"))
for line in file:
    print(repr(line.decode()))
    if line == b"\r\n":
        break
for _ in range(3):
    first, masked, payload = receive(file)
    data = json.loads(payload)
    print("frame byte0=%#x mask=%d x=%d y in 1..5: %s" %
          (first, masked, data["x"], 1 <= data["y"] <= 5))
send(connection, 8, struct.pack(">H", 1000) + b"bye")
for _ in range(2):
    first, _, _ = receive(file)
    print("after our close frame: still data, opcode %d" % (first & 15))
connection.close()

connection, file = connect(b"Connection: close\r\n")
print("plain GET ->", repr(file.readline()))

connection, file = connect(upgrade(b"99"))
print("version 99 ->", repr(file.readline()),
      [line for line in file.readlines() if b"ersion" in line])
