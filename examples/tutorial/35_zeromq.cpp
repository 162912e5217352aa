// One greenlet asks, another answers, over ZeroMQ.
//
//   $ build/release/examples/tutorial/35_zeromq
//   Switched to Server for 1
//   Switched to Client for 1
//   Switched to Server for 2
//   ...

#include <greenroom/greenroom.hpp>
#include <greenroom/runtime/net/zmq/zmq_socket.hpp>

#include <iostream>

using namespace greenroom;
using net::ZmqSocket;

void server(ZmqSocket& socket) {
  for (int request = 1; request < 10; ++request) {
    socket.send("Hello");
    std::cout << "Switched to Server for " << request << '\n';
    static_cast<void>(socket.recv());  // the other greenlet runs meanwhile
  }
}

void client(ZmqSocket& socket) {
  for (int request = 1; request < 10; ++request) {
    static_cast<void>(socket.recv());
    std::cout << "Switched to Client for " << request << '\n';
    socket.send("World");
  }
}

int main() {
  zmq::context_t context;
  ZmqSocket req(context, zmq::socket_type::req);
  ZmqSocket rep(context, zmq::socket_type::rep);
  req.bind("tcp://127.0.0.1:*");  // the system picks a port
  rep.connect(req.local_endpoint());

  joinall({spawn([&] { server(req); }), spawn([&] { client(rep); })});
}
