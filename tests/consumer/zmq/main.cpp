// A stranger's program that uses greenroom::zmq.

#include <greenroom/greenroom.hpp>
#include <greenroom/runtime/net/zmq/zmq_socket.hpp>

using greenroom::net::ZmqSocket;

int main() {
  zmq::context_t context;
  ZmqSocket pull(context, zmq::socket_type::pull);
  pull.bind("inproc://here");
  auto receives = greenroom::spawn([&] { return pull.recv().size(); });
  ZmqSocket push(context, zmq::socket_type::push);
  push.connect("inproc://here");
  push.send("Hello");
  return receives->get() == 5 ? 0 : 1;
}
