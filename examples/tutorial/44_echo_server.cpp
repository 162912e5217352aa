// Sends back what it receives, and prints it. Listens at port 8001, or at the
// port in PORT.
//
//   $ build/release/examples/tutorial/44_echo_server
//   recv: b'hello 0'
//   ...

#include <greenroom/greenroom.hpp>

#include <array>
#include <cstdlib>
#include <iostream>
#include <string_view>

using namespace greenroom;

void handle_request(net::Stream& connection) {
  std::array<char, 1024> buffer{};
  for (;;) {
    const auto count = connection.read_some(buffer);
    const std::string_view data(buffer.data(), count);
    std::cout << "recv: b'" << data << "'" << std::endl;
    if (data.empty()) return;
    connection.write(data);
  }
}

int main() {
  const char* port = std::getenv("PORT");
  net::Listener listener(net::Endpoint::parse(port != nullptr ? port : "8001"),
                         {.backlog = 500});
  for (;;) {
    spawn([socket = net::TcpSocket(listener.accept().descriptor)]() mutable {
      handle_request(socket);
    });
  }
}
