#include "../../../support/catch2.hpp"
#include "../../../support/reported.hpp"

#include <greenroom/runtime/core/hub.hpp>
#include <greenroom/runtime/net/servers/datagram_server.hpp>
#include <greenroom/runtime/sync/event.hpp>
#include <greenroom/runtime/tasks/spawn.hpp>

#include <array>
#include <stdexcept>
#include <string>
#include <system_error>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;
using net::DatagramServer;
using net::Endpoint;
using net::UdpSocket;

const Endpoint kAnywhere("127.0.0.1", 0);

std::string receive(UdpSocket& socket) {
  std::array<char, 100> buffer{};
  return {buffer.data(), socket.receive(buffer)};
}

TEST_CASE("datagram_server: answers everyone who sends",
          "[net][datagram_server]") {
  const Hub hub;
  DatagramServer server(kAnywhere,
                        [&](std::string_view data, const Endpoint& peer) {
                          server.send_to("got " + std::string(data), peer);
                        });
  server.start();
  UdpSocket one;
  UdpSocket two;
  one.send_to("1", server.endpoint());
  two.send_to("2", server.endpoint());
  CHECK(receive(two) == "got 2");
  CHECK(receive(one) == "got 1");

  server.stop();
  CHECK_FALSE(server.started());
  CHECK_THROWS_AS(server.send_to("x", server.endpoint()), std::system_error);
}

TEST_CASE("datagram_server: a handler that waits holds up no other",
          "[net][datagram_server]") {
  const Hub hub;
  Event go_on;
  DatagramServer server(kAnywhere,
                        [&](std::string_view data, const Endpoint& peer) {
                          if (data == "wait") go_on.wait();
                          server.send_to(data, peer);
                        });
  server.start();
  UdpSocket client;
  client.send_to("wait", server.endpoint());
  client.send_to("at once", server.endpoint());
  CHECK(receive(client) == "at once");
  CHECK(server.handlers() == 1);
  go_on.set();
  CHECK(receive(client) == "wait");
}

TEST_CASE("datagram_server: with no room for handlers, datagrams wait",
          "[net][datagram_server]") {
  const Hub hub;
  Event go_on;
  DatagramServer server(kAnywhere,
                        [&](std::string_view data, const Endpoint& peer) {
                          if (data == "wait") go_on.wait();
                          server.send_to(data, peer);
                        },
                        {.max_handlers = 1});
  server.start();
  UdpSocket client;
  client.send_to("wait", server.endpoint());
  client.send_to("after", server.endpoint());
  CHECK_FALSE(client.wait_read(5ms));
  go_on.set();
  CHECK(receive(client) == "wait");
  CHECK(receive(client) == "after");
}

TEST_CASE(
    "datagram_server: a handler's error is reported, and the server goes on",
    "[net][datagram_server]") {
  Reported reported;
  const Hub hub(reported.options());
  DatagramServer server(kAnywhere,
                        [&](std::string_view data, const Endpoint& peer) {
                          if (data == "bad") throw std::runtime_error("oops");
                          server.send_to(data, peer);
                        });
  server.start();
  UdpSocket client;
  client.send_to("bad", server.endpoint());
  client.send_to("good", server.endpoint());
  CHECK(receive(client) == "good");
  REQUIRE(reported.all().size() == 1);
  const auto port = std::to_string(client.local_endpoint().port());
  CHECK_THAT(reported.all()[0], Contains("oops") && Contains(port));
}

}  // namespace
}  // namespace greenroom::test
