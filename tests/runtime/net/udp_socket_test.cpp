#include "../../support/catch2.hpp"
#include "../../support/run_hub.hpp"

#include <greenroom/runtime/core/hub.hpp>
#include <greenroom/runtime/net/udp_socket.hpp>
#include <greenroom/runtime/tasks/join.hpp>
#include <greenroom/runtime/tasks/spawn.hpp>

#include <algorithm>
#include <array>
#include <string>
#include <system_error>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;
using net::Endpoint;
using net::UdpSocket;

const Endpoint kAnywhere("127.0.0.1", 0);

UdpSocket bound() {
  UdpSocket socket;
  socket.bind(kAnywhere);
  return socket;
}

std::string receive(UdpSocket& socket) {
  std::array<char, 100> buffer{};
  return {buffer.data(), socket.receive(buffer)};
}

TEST_CASE("udp_socket: datagrams arrive whole, with who sent them",
          "[net][udp_socket]") {
  const Hub hub;
  UdpSocket server = bound();
  UdpSocket client;
  client.send_to("one", server.local_endpoint());
  client.send_to("", server.local_endpoint());

  std::array<char, 100> buffer{};
  const auto first = server.receive_from(buffer);
  CHECK(std::string(buffer.data(), first.size) == "one");
  CHECK(first.peer.port() == client.local_endpoint().port());
  CHECK_FALSE(first.is_truncated);
  CHECK(server.receive_from(buffer).size == 0);

  server.send_to("answer", first.peer);
  CHECK(receive(client) == "answer");
}

TEST_CASE("udp_socket: a datagram that does not fit is marked",
          "[net][udp_socket]") {
  const Hub hub;
  UdpSocket server = bound();
  UdpSocket client;
  client.send_to("12345", server.local_endpoint());
  client.send_to("678", server.local_endpoint());
  std::array<char, 3> buffer{};
  auto datagram = server.receive_from(buffer);
  CHECK(datagram.size == 3);
  CHECK(datagram.is_truncated);
  datagram = server.receive_from(buffer);
  CHECK(datagram.size == 3);
  CHECK_FALSE(datagram.is_truncated);
}

TEST_CASE("udp_socket: when connected, it hears from one peer only",
          "[net][udp_socket]") {
  const Hub hub;
  UdpSocket server = bound();
  UdpSocket client;
  client.connect(server.local_endpoint());
  client.send("question");
  std::array<char, 100> buffer{};
  const auto peer = server.receive_from(buffer).peer;
  UdpSocket stranger;
  stranger.send_to("me, too", peer);
  server.send_to("answer", peer);
  CHECK(receive(client) == "answer");

  UdpSocket alone = bound();
  std::error_code error;
  alone.send("to whom?", error);
  CHECK(error == std::errc::destination_address_required);
}

TEST_CASE("udp_socket: several greenlets receive, each its own datagram",
          "[net][udp_socket]") {
  const Hub hub;
  UdpSocket server = bound();
  std::vector<std::string> got;
  const auto listen = [&] { got.push_back(receive(server)); };
  const auto first = spawn(listen);
  const auto second = spawn(listen);
  sleep();
  UdpSocket client;
  client.send_to("one", server.local_endpoint());
  client.send_to("two", server.local_endpoint());
  joinall({first, second});
  std::sort(got.begin(), got.end());
  CHECK(got == std::vector<std::string>{"one", "two"});
}

TEST_CASE("udp_socket: nobody sends: a timeout, a kill, or a close ends it",
          "[net][udp_socket]") {
  const Hub hub;
  UdpSocket server = bound();
  server.set_timeout(1ms);
  std::array<char, 10> buffer{};
  std::error_code error;
  CHECK(server.receive(buffer, error) == 0);
  CHECK(error == std::errc::timed_out);
  CHECK_FALSE(server.wait_read(1ms));

  server.set_timeout(forever);
  const auto killed = spawn([&] { return receive(server); });
  const auto cut_off = spawn([&] { return receive(server); });
  const auto told = spawn([&] {
    std::error_code why;
    (void)server.receive(buffer, why);
    return why;
  });
  sleep();
  killed->kill();
  server.close();
  CHECK_THROWS_AS(cut_off->get(), std::system_error);
  CHECK(told->get() == std::errc::bad_file_descriptor);
  CHECK_THROWS_AS(receive(server), std::system_error);
}

TEST_CASE("udp_socket: a call that is woken for nothing keeps its deadline",
          "[net][udp_socket]") {
  std::error_code error;
  Duration got_after{};
  Duration gave_up_after{};

  run_hub([&](TestHub& h) {
    UdpSocket server = bound();
    server.set_timeout(10s);
    const auto quick = spawn([&] {
      (void)receive(server);
      got_after = h.elapsed();
    });
    const auto late = spawn([&] {
      std::array<char, 10> buffer{};
      (void)server.receive(buffer, error);
      gave_up_after = h.elapsed();
    });
    h.advance(6s);
    UdpSocket client;
    client.send_to("wakes both", server.local_endpoint());
    joinall({quick, late});
  });

  CHECK(got_after == 6s);
  CHECK(error == std::errc::timed_out);
  CHECK(gave_up_after == 10s);
}

TEST_CASE("udp_socket: errors name the endpoint, or the reason",
          "[net][udp_socket]") {
  const Hub hub;
  const UdpSocket there = bound();
  UdpSocket socket;
  CHECK_THROWS_WITH(socket.bind(there.local_endpoint()),
                    Contains(there.local_endpoint().to_string()));
  std::error_code error;
  socket.send_to(std::string(70'000, 'x'), there.local_endpoint(), error);
  CHECK(error == std::errc::message_size);
}

}  // namespace
}  // namespace greenroom::test
