// A hundred clients of 44_echo_server, each with three questions.
//
//   $ build/release/examples/tutorial/44_echo_client_100
//   300 answers
//   [('hello 0', 100), ('hello 1', 100), ('hello 2', 100)]

#include <greenroom/greenroom.hpp>

#include <array>
#include <cstdlib>
#include <iostream>
#include <map>
#include <stdexcept>
#include <string>

using namespace greenroom;

int main() {
  const char* port = std::getenv("PORT");
  const auto server = net::Endpoint::parse(port != nullptr ? port : "8001");

  std::map<std::string, int> answers;
  int count = 0;
  Group clients;
  for (int i = 0; i < 100; ++i) {
    clients.spawn([&] {
      auto client = net::connect(server);
      for (int question = 0; question < 3; ++question) {
        const std::string message = "hello " + std::to_string(question);
        client.write(message);
        std::array<char, 1024> buffer{};
        const std::string answer(buffer.data(), client.read_some(buffer));
        if (answer != message) throw std::runtime_error("got " + answer);
        ++answers[answer];
        ++count;
      }
    });
  }
  clients.join();

  std::cout << count << " answers\n";
  const char* before = "[";
  for (const auto& [answer, times] : answers) {
    std::cout << before << "('" << answer << "', " << times << ")";
    before = ", ";
  }
  std::cout << "]\n";
}
