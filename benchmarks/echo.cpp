// How long does a round trip of 64 bytes take, over TCP on the loopback
// address, with 100 connections whose two ends are greenlets of one thread? And
// how many times as long does the same take in Go (peers/echo.go)?

#include "harness.hpp"

#include <greenroom/greenroom.hpp>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace greenroom;
using namespace greenroom::bench;

constexpr std::size_t kConnections = 100;
constexpr std::size_t kSize = 64;

void echo(net::TcpSocket& socket, const net::Endpoint& /*peer*/) {
  std::array<char, 1024> buffer;  // NOLINT(*-member-init)
  while (const auto count = socket.read_some(buffer))
    socket.write({buffer.data(), count});
}

// Nanoseconds per round trip.
double round_trip(std::size_t each) {
  const Hub hub;
  net::StreamServer server({"127.0.0.1", 0}, echo);
  server.start();
  std::size_t wrong = 0;
  std::vector<net::TcpSocket> sockets;
  for (std::size_t i = 0; i < kConnections; ++i)
    sockets.push_back(net::connect(server.endpoint()));

  const std::string message(kSize, 'x');
  const double cost = nanoseconds_each(kConnections * each, [&] {
    Group clients;
    for (auto& socket : sockets) {
      clients.spawn([&] {
        std::array<char, kSize> answer{};
        for (std::size_t i = 0; i < each; ++i) {
          socket.write(message);
          if (socket.read(answer) != kSize) ++wrong;
        }
      });
    }
    clients.join();
  });
  Round::check(wrong == 0, "all answers came");
  return cost;
}

// The same for the program in Go, as it prints it; 0 if there is none.
double round_trip_of_peer(std::size_t each) {
  const std::string command = std::string(GREENROOM_ECHO_PEER) + " " +
                              std::to_string(kConnections) + " " +
                              std::to_string(each);
  if (command.starts_with(' ')) return 0;
  FILE* program = popen(command.c_str(), "r");
  Round::check(program != nullptr, "the peer starts");
  std::array<char, 100> line{};
  const char* said = fgets(line.data(), line.size(), program);
  Round::check(pclose(program) == 0 && said != nullptr, "the peer answers");
  return std::strtod(said, nullptr);
}

void measure(Round& round) {
  const std::size_t each = round.pick(2'000, 20);
  const double ours = round_trip(each);
  round.report("round trip", ours, "ns");
  const double theirs = round_trip_of_peer(each);
  if (theirs == 0) return;  // there is no Go here
  round.report("the same in Go, GOMAXPROCS=1", theirs, "ns");
  round.report("times as fast as Go", theirs / ours, "", at_least(1.5));
}

}  // namespace

int main(int argc, char** argv) {
  return answer(argc, argv,
                {"What does a round trip over TCP cost, 100 connections on one "
                 "thread?"},
                measure);
}
