// gevent's servers, number by number: README.md.

#include "../support/catch2.hpp"
#include "../support/read_all.hpp"
#include "../support/reported.hpp"

#include <greenroom/runtime/core/hub.hpp>
#include <greenroom/runtime/net/servers/datagram_server.hpp>
#include <greenroom/runtime/net/servers/stream_server.hpp>
#include <greenroom/runtime/sync/event.hpp>
#include <greenroom/runtime/tasks/pool.hpp>
#include <greenroom/runtime/tasks/spawn.hpp>

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;
using net::Endpoint;
using net::StreamServer;
using net::TcpSocket;

const Endpoint kAnywhere("127.0.0.1", 0);

void say_hello(TcpSocket& socket, const Endpoint& /*peer*/) {
  socket.write("hello");
}

bool is_refused(const Endpoint& endpoint) {
  try {
    (void)net::connect(endpoint);
    return false;
  } catch (const std::system_error& error) {
    return error.code() == std::errc::connection_refused;
  }
}

std::string ask(const Endpoint& endpoint) {
  auto client = net::connect(endpoint);
  return read_all(client);
}

// An endpoint at which nobody listens.
Endpoint free_endpoint() { return net::Listener(kAnywhere).local_endpoint(); }

TEST_CASE("gevent 272: nothing is bound before the start",
          "[conformance][server]") {
  // test__server.TestDefaultSpawn.test_subclass_with_address, _with_socket
  const Hub hub;
  SECTION("an endpoint: connections are refused") {
    const Endpoint place = free_endpoint();
    const StreamServer server(place, say_hello);
    CHECK(is_refused(place));
    CHECK_FALSE(server.started());
    CHECK(server.endpoint() == place);
  }
  SECTION("a socket that listens: connections wait") {
    StreamServer server(net::Listener(kAnywhere), say_hello);
    auto client = net::connect(server.endpoint());
    CHECK_FALSE(client.wait_read(0s));
    server.start();
    CHECK(read_all(client) == "hello");
    server.stop();
  }
}

TEST_CASE("gevent 273: port 0 becomes the real port", "[conformance][server]") {
  const Hub hub;
  StreamServer server(kAnywhere, say_hello);
  CHECK(server.endpoint().port() == 0);
  server.start();
  CHECK(server.endpoint().port() != 0);
  CHECK(ask(server.endpoint()) == "hello");
}

TEST_CASE("gevent 275: a handler of the wrong kind is refused at once",
          "[conformance][server]") {
  // gevent finds out with the first connection; here, a wrong number of
  // arguments does not compile, and a wrong kind of socket is refused.
  STATIC_REQUIRE_FALSE(
      std::is_constructible_v<StreamServer, Endpoint, void (*)()>);
  const Hub hub;
  const auto takes_unix = [](net::UnixSocket&, const Endpoint&) {};
  CHECK_THROWS_AS(StreamServer(kAnywhere, takes_unix), std::invalid_argument);
}

TEST_CASE("gevent 276: a server may be started twice, but not after stop",
          "[conformance][server]") {
  const Hub hub;
  StreamServer server(kAnywhere, say_hello);
  server.start();
  const Endpoint place = server.endpoint();
  server.start();
  CHECK(server.endpoint() == place);
  CHECK(ask(place) == "hello");
  server.stop();
  server.stop();
  CHECK_THROWS_WITH(server.start(), Contains("was stopped"));
  CHECK_THROWS_AS(server.start_accepting(), std::logic_error);
}

TEST_CASE("gevent 277: while it does not accept, clients wait",
          "[conformance][server]") {
  // test__server.TestDefaultSpawn._test_server_start_stop
  const Hub hub;
  StreamServer server(kAnywhere, say_hello);
  server.start();
  CHECK(ask(server.endpoint()) == "hello");

  server.stop_accepting();
  server.stop_accepting();
  auto client = net::connect(server.endpoint());
  CHECK_FALSE(client.wait_read(10ms));
  CHECK(server.started());

  server.start_accepting();
  CHECK(read_all(client) == "hello");
  CHECK(ask(server.endpoint()) == "hello");
}

TEST_CASE("gevent 278: serve_forever starts, and returns at stop",
          "[conformance][server]") {
  // test__server.TestDefaultSpawn.test_serve_forever, _after_start
  const Hub hub;
  StreamServer server(kAnywhere, say_hello);
  if (GENERATE(false, true)) server.start();
  const auto serving = spawn([&] { server.serve_forever(); });
  sleep();
  CHECK(server.started());
  CHECK(ask(server.endpoint()) == "hello");
  CHECK_FALSE(serving->dead());
  server.stop();
  serving->join();
  CHECK(serving->successful());
  CHECK_FALSE(server.started());
}

TEST_CASE("gevent 279: killing serve_forever stops the server",
          "[conformance][server]") {
  const Hub hub;
  StreamServer server(kAnywhere, say_hello);
  const auto serving = spawn([&] { server.serve_forever(); });
  sleep();
  const Endpoint place = server.endpoint();
  CHECK(serving->kill());
  CHECK_FALSE(server.started());
  CHECK(is_refused(place));
}

TEST_CASE("gevent 280, 281: stop waits for handlers, then kills them",
          "[conformance][server]") {
  // Unlike gevent, it does so without a pool, too.
  const Hub hub;
  Pool pool(10);
  Pool* const its_pool = GENERATE(true, false) ? &pool : nullptr;
  Event go_on;
  std::vector<std::string> log;
  StreamServer server(kAnywhere,
                      [&](TcpSocket& socket, const Endpoint&) {
                        try {
                          socket.write("begun ");
                          go_on.wait();
                          socket.write("done");
                          log.emplace_back("done");
                        } catch (const GreenletExit&) {
                          log.emplace_back("killed");
                          throw;
                        }
                      },
                      {.pool = its_pool});
  server.start();
  const Endpoint place = server.endpoint();
  auto client = net::connect(place);
  CHECK(read_once(client) == "begun ");
  CHECK(server.handlers() == 1);
  const auto stranger = pool.spawn([&] { Event().wait(); });

  SECTION("one that ends in time") {
    const auto stopping = spawn([&] { server.stop(forever); });
    sleep();
    CHECK(is_refused(place));  // at once
    CHECK_FALSE(stopping->dead());
    go_on.set();
    stopping->join();
    CHECK(read_all(client) == "done");
    CHECK(log == std::vector<std::string>{"done"});
  }
  SECTION("one that does not") {
    server.stop(1ms);
    CHECK(read_all(client).empty());
    CHECK(log == std::vector<std::string>{"killed"});
  }
  CHECK(server.handlers() == 0);
  CHECK_FALSE(stranger->dead());  // others of the pool are left alone
}

TEST_CASE("gevent 282: the socket is closed however the handler ends",
          "[conformance][server]") {
  // test__server.TestDefaultSpawn.test_server_closes_client_sockets
  Reported reported;
  const Hub hub(reported.options());
  GreenletPtr handler;
  const int way = GENERATE(0, 1, 2);
  StreamServer server(kAnywhere, [&](TcpSocket& socket, const Endpoint&) {
    handler = &current();
    socket.write("hello");
    if (way == 1) throw std::runtime_error("oops");
    if (way == 2) Event().wait();
  });
  server.start();
  auto client = net::connect(server.endpoint());
  std::string said;
  said = read_once(client);
  if (way == 2) CHECK(handler->kill());
  said += read_all(client);
  CHECK(said == "hello");
  CHECK(reported.all().size() == (way == 1 ? 1 : 0));
}

TEST_CASE("gevent 283: the error of a handler is reported, and survived",
          "[conformance][server]") {
  Reported reported;
  const Hub hub(reported.options());
  int calls = 0;
  StreamServer server(kAnywhere, [&](TcpSocket& socket, const Endpoint&) {
    if (++calls == 1) throw std::runtime_error("oops");
    socket.write("hello");
  });
  server.start();
  auto client = net::connect(server.endpoint());
  const std::string name = client.local_endpoint().to_string();
  CHECK(read_all(client).empty());
  CHECK(ask(server.endpoint()) == "hello");
  REQUIRE(reported.all().size() == 1);
  CHECK_THAT(reported.all()[0], Contains(name) && Contains("oops"));
}

// While this object lives, the process can open no descriptor.
class NoDescriptors {
 public:
  NoDescriptors() {
    getrlimit(RLIMIT_NOFILE, &before_);
    rlimit low = before_;
    low.rlim_cur = std::min<rlim_t>(before_.rlim_cur, 256);
    setrlimit(RLIMIT_NOFILE, &low);
    for (int fd = 0; (fd = open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0;)
      taken_.push_back(fd);
  }
  NoDescriptors(const NoDescriptors&) = delete;
  NoDescriptors& operator=(const NoDescriptors&) = delete;
  ~NoDescriptors() {
    for (const int fd : taken_) close(fd);
    setrlimit(RLIMIT_NOFILE, &before_);
  }

 private:
  rlimit before_{};
  std::vector<int> taken_;
};

TEST_CASE(
    "gevent 284: without descriptors a server pauses, reports, and recovers",
    "[conformance][server]") {
  Reported reported;
  const Hub hub(reported.options());
  StreamServer server(net::Listener(kAnywhere), say_hello);
  auto client = net::connect(server.endpoint());
  {
    const NoDescriptors none;
    server.start();
    reported.wait_for(3);  // after 0, 10 and 30 ms
  }
  CHECK(read_all(client) == "hello");
  for (const auto& report : reported.all())
    CHECK_THAT(report, Contains(server.endpoint().to_string()) &&
                           Contains("Too many open files"));
}

TEST_CASE("gevent 285: a socket that cannot accept ends the server",
          "[conformance][server]") {
  Reported reported;
  const Hub hub(reported.options());
  // Bound, but it does not listen: EINVAL.
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  REQUIRE(bind(fd, kAnywhere.data(), kAnywhere.size()) == 0);
  StreamServer server(net::Listener(net::Descriptor(fd)), say_hello);
  server.serve_forever();
  CHECK_FALSE(server.started());
  REQUIRE(reported.all().size() == 1);
  CHECK_THAT(reported.all()[0], Contains("Invalid argument"));
}

TEST_CASE("gevent 286: with a full pool clients wait",
          "[conformance][server]") {
  // test__server.TestPoolSpawn.test_pool_full
  const Hub hub;
  Pool pool(2);
  Event go_on;
  const bool own_limit = GENERATE(true, false);
  StreamServer server(
      kAnywhere,
      [&](TcpSocket& socket, const Endpoint&) {
        socket.write("begun ");
        go_on.wait();
      },
      own_limit ? net::ServerOptions{.max_handlers = 2}
                : net::ServerOptions{.pool = &pool});
  server.start();
  auto first = net::connect(server.endpoint());
  auto second = net::connect(server.endpoint());
  auto third = net::connect(server.endpoint());
  CHECK(read_once(first) == "begun ");
  CHECK(read_once(second) == "begun ");
  CHECK(server.handlers() == 2);
  CHECK_FALSE(third.wait_read(10ms));
  go_on.set();
  CHECK(read_all(third) == "begun ");
}

TEST_CASE("gevent 287: after max_accept connections others have a turn",
          "[conformance][server]") {
  const Hub hub;
  StreamServer* its_server = nullptr;
  std::vector<std::size_t> taken_in;
  StreamServer server(net::Listener(kAnywhere),
                      [&](TcpSocket&, const Endpoint&) {
                        taken_in.push_back(its_server->handlers());
                      },
                      {.max_accept = 2});
  its_server = &server;
  std::vector<TcpSocket> clients;
  for (int i = 0; i < 5; ++i)
    clients.push_back(net::connect(server.endpoint()));
  server.start();
  for (auto& client : clients) CHECK(read_all(client).empty());
  REQUIRE(taken_in.size() == 5);
  CHECK(taken_in.front() == 2);
}

TEST_CASE("gevent 289: the error for an occupied port names it",
          "[conformance][server]") {
  const Hub hub;
  const net::Listener there(kAnywhere);
  StreamServer server(there.local_endpoint(), say_hello);
  try {
    server.start();
    FAIL("it started");
  } catch (const std::system_error& error) {
    CHECK(error.code() == std::errc::address_in_use);
    CHECK_THAT(error.what(), Contains(there.local_endpoint().to_string()));
  }
  CHECK_FALSE(server.started());
}

}  // namespace
}  // namespace greenroom::test
