// Sends what you type to 44_echo_server, and prints what comes back.
//
//   $ printf 'one\ntwo\n' | build/release/examples/tutorial/45_...
//   >>:Received b'one'
//   >>:Received b'two'
//   >>:

#include <greenroom/greenroom.hpp>

#include <array>
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>

using namespace greenroom;

int main() {
  const char* port = std::getenv("PORT");
  auto server =
      net::connect(net::Endpoint::parse(port != nullptr ? port : "8001"));
  std::string line;
  while (std::cout << ">>:", std::getline(std::cin, line)) {
    server.write(line);
    std::array<char, 1024> buffer{};
    const auto count = server.read_some(buffer);
    std::cout << "Received b'" << std::string_view(buffer.data(), count)
              << "'\n";
  }
  std::cout << '\n';
}
