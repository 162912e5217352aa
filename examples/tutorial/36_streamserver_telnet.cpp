// A server that talks to each client: `nc 127.0.0.1 5000`, or the port in PORT.
//
//   $ build/release/examples/tutorial/36_streamserver_telnet
//   $ nc 127.0.0.1 5000
//   Hello from a telnet!
//   0
//   1
//   ...

#include <greenroom/greenroom.hpp>

#include <cstdlib>
#include <string>

using namespace greenroom;

int main() {
  const char* port = std::getenv("PORT");
  net::StreamServer server(
      net::Endpoint::parse(port != nullptr ? port : "5000"),
      [](net::Stream& socket, const net::Endpoint& /*peer*/) {
        socket.write("Hello from a telnet!\n");
        for (int i = 0; i < 5; ++i) socket.write(std::to_string(i) + '\n');
      });
  server.serve_forever();
}
