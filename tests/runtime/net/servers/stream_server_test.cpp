#include "../../../support/catch2.hpp"
#include "../../../support/read_all.hpp"
#include "../../../support/reported.hpp"

#include <greenroom/runtime/core/hub.hpp>
#include <greenroom/runtime/net/servers/stream_server.hpp>
#include <greenroom/runtime/sync/event.hpp>
#include <greenroom/runtime/tasks/join.hpp>
#include <greenroom/runtime/tasks/pool.hpp>
#include <greenroom/runtime/tasks/spawn.hpp>

#include <unistd.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;
using net::Endpoint;
using net::Stream;
using net::StreamServer;
using net::TcpSocket;
using net::UnixSocket;

const Endpoint kAnywhere("127.0.0.1", 0);

void echo(Stream& stream, const Endpoint& /*peer*/) {
  std::array<char, 1024> buffer{};
  while (const auto count = stream.read_some(buffer))
    stream.write({buffer.data(), count});
}

Endpoint abstract_place() {
  return Endpoint::unix_path("@greenroom-" + std::to_string(getpid()));
}

TEST_CASE("stream_server: one handler serves TCP and unix sockets",
          "[net][stream_server]") {
  const Hub hub;
  StreamServer tcp(kAnywhere, echo);
  tcp.start();
  auto client = net::connect(tcp.endpoint());
  client.write("over tcp");
  client.shutdown_write();
  CHECK(read_all(client) == "over tcp");

  StreamServer local(abstract_place(), echo);
  local.start();
  auto neighbour = UnixSocket::connect(local.endpoint().address());
  neighbour.write("next door");
  neighbour.shutdown_write();
  CHECK(read_all(neighbour) == "next door");
}

TEST_CASE("stream_server: a handler gets the socket that it asks for",
          "[net][stream_server]") {
  const Hub hub;
  std::string seen;
  StreamServer server(kAnywhere, [&](TcpSocket& socket, const Endpoint& peer) {
    socket.set_no_delay(false);
    seen = peer.to_string();
  });
  server.start();
  auto client = net::connect(server.endpoint());
  CHECK(read_all(client).empty());
  CHECK(seen == client.local_endpoint().to_string());

  StreamServer local(abstract_place(), [](UnixSocket& socket, const Endpoint&) {
    socket.write("hello");
  });
  local.start();
  auto neighbour = UnixSocket::connect(local.endpoint().address());
  CHECK(read_all(neighbour) == "hello");
}

TEST_CASE("stream_server: a hundred clients at once", "[net][stream_server]") {
  const Hub hub;
  StreamServer server(kAnywhere, echo);
  server.start();
  std::vector<GreenletPtr> clients;
  std::vector<std::string> answers(100);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    clients.push_back(spawn([&, i] {
      auto client = net::connect(server.endpoint());
      client.write("hello " + std::to_string(i));
      client.shutdown_write();
      answers[i] = read_all(client);
    }));
  }
  joinall(clients);
  for (std::size_t i = 0; i < answers.size(); ++i)
    CHECK(answers[i] == "hello " + std::to_string(i));
}

TEST_CASE("stream_server: a handler may stop its server",
          "[net][stream_server]") {
  const Hub hub;
  std::vector<std::string> log;
  StreamServer* its_server = nullptr;
  StreamServer server(kAnywhere, [&](TcpSocket& socket, const Endpoint&) {
    its_server->stop();
    socket.write("stopped");
  });
  its_server = &server;
  const auto client = spawn([&] {
    auto socket = net::connect(server.endpoint());
    log.push_back(read_all(socket));
  });
  server.serve_forever();
  CHECK_FALSE(server.started());
  client->join();
  CHECK(log == std::vector<std::string>{"stopped"});
}

TEST_CASE("stream_server: paused under the main greenlet, it is not a deadlock",
          "[net][stream_server]") {
  // Nothing waits for I/O then, but somebody else may: no LoopExit.
  const Hub hub;
  StreamServer server(kAnywhere, echo);
  server.start();
  server.stop_accepting();
  const auto stopper = spawn_later(5ms, [&] { server.stop(); });
  server.serve_forever();
  CHECK_FALSE(server.started());
}

TEST_CASE("stream_server: its handlers end with it", "[net][stream_server]") {
  const Hub hub;
  bool was_killed = false;
  std::optional<StreamServer> server;
  server.emplace(kAnywhere, [&](TcpSocket& socket, const Endpoint&) {
    try {
      socket.write("hello");
      Event().wait();
    } catch (const GreenletExit&) {
      was_killed = true;
      throw;
    }
  });
  server->start();
  auto client = net::connect(server->endpoint());
  CHECK(read_once(client) == "hello");
  server.reset();
  CHECK(read_all(client).empty());
  CHECK(was_killed);
}

TEST_CASE("stream_server: a killed stop() still ends everything",
          "[net][stream_server]") {
  const Hub hub;
  StreamServer server(kAnywhere, [&](TcpSocket& socket, const Endpoint&) {
    socket.write("hello");
    Event().wait();
  });
  const auto serving = spawn([&] { server.serve_forever(); });
  sleep();
  auto client = net::connect(server.endpoint());
  CHECK(read_once(client) == "hello");
  const auto stopping = spawn([&] { server.stop(forever); });
  sleep();
  CHECK_FALSE(serving->dead());
  stopping->kill();
  serving->join();
  CHECK(read_all(client).empty());
}

TEST_CASE("stream_server: a closed pool is reported, and the client dropped",
          "[net][stream_server]") {
  Reported reported;
  const Hub hub(reported.options());
  Pool pool(1);
  StreamServer server(kAnywhere, echo, {.pool = &pool});
  server.start();
  pool.close();
  auto client = net::connect(server.endpoint());
  CHECK(read_all(client).empty());
  CHECK(reported.all().size() == 1);
  CHECK(server.started());
}

}  // namespace
}  // namespace greenroom::test
