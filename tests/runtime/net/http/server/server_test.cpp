#include "../../../../support/catch2.hpp"
#include "../../../../support/raw_client.hpp"
#include "../../../../support/reported.hpp"

#include <greenroom/runtime/core/hub.hpp>
#include <greenroom/runtime/net/http/server/server.hpp>
#include <greenroom/runtime/sync/event.hpp>
#include <greenroom/runtime/tasks/spawn.hpp>

#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;
using http::Request;
using http::Response;

void hello(Request&, Response& response) { response.send("hello"); }

// It has started when this returns.
GreenletPtr serve_forever(http::Server& server) {
  auto serves = spawn([&] { server.serve_forever(); });
  sleep();
  return serves;
}

// A handler that answers when the test says so, and counts the calls that came
// to their end.
struct Slow {
  Event go;
  int begun = 0;
  int ended = 0;
  int unwound = 0;

  http::Server::Handler handler() {
    return [this](Request&, Response& response) {
      struct Count {
        int& count;
        ~Count() { ++count; }
      };
      ++begun;
      const Count count{unwound};
      go.wait();
      response.send("slow");
      ++ended;
    };
  }
  void wait_until_begun(int count) const {
    while (begun != count) sleep(1ms);
  }
};

TEST_CASE("http server: says where it listens", "[net][http][server]") {
  const Hub hub;
  http::Server server(kAnyPort, hello);
  CHECK_FALSE(server.started());
  CHECK(server.endpoint() == kAnyPort);
  server.start();
  CHECK(server.started());
  CHECK(server.endpoint().port() != 0);
  const auto endpoint = server.endpoint();
  server.start();  // nothing happens
  CHECK(server.endpoint() == endpoint);
  RawClient client(server);
  client.send(kGet);
  CHECK(client.receive().body == "hello");
  CHECK(server.connections() == 1);

  server.stop();
  CHECK_FALSE(server.started());
  CHECK(server.endpoint() == endpoint);
  CHECK_THROWS_AS(server.start(), std::logic_error);
  CHECK_THROWS_AS(net::connect(endpoint), std::system_error);
}

TEST_CASE("http server: a port in use is EADDRINUSE", "[net][http][server]") {
  const Hub hub;
  http::Server first(kAnyPort, hello);
  first.start();
  http::Server second(first.endpoint(), hello);
  try {
    second.start();
    FAIL("both listen");
  } catch (const std::system_error& error) {
    CHECK(error.code() == std::errc::address_in_use);
  }
  CHECK_FALSE(second.started());
  first.stop();
  second.start();
  CHECK(second.started());
}

TEST_CASE("http server: stop() closes those that rest and lets others end",
          "[net][http][server]") {
  const Hub hub;
  Slow slow;
  http::Server server(kAnyPort, slow.handler());
  server.start();
  RawClient rests(server);
  RawClient busy(server);
  busy.send(kGet + kGet);
  slow.wait_until_begun(1);
  while (server.connections() != 2) sleep(1ms);

  const auto stops = spawn([&] { server.stop(1h); });
  CHECK(rests.receive_all().empty());
  CHECK_FALSE(stops->ready());
  slow.go.set();
  CHECK(busy.receive().body == "slow");
  const auto last = busy.receive();
  CHECK(last.body == "slow");
  CHECK(last.says("Connection: close"));
  CHECK(busy.receive_all().empty());
  busy.close();
  stops->get();
  CHECK(slow.ended == 2);
  CHECK(server.connections() == 0);
}

TEST_CASE("http server: stop() kills those that take too long",
          "[net][http][server]") {
  const Hub hub;
  Slow slow;
  http::Server server(kAnyPort, slow.handler());
  server.start();
  RawClient client(server);
  client.send(kGet);
  slow.wait_until_begun(1);
  server.stop(1ms);
  CHECK(client.receive_all().empty());
  CHECK(slow.ended == 0);
  CHECK(slow.unwound == 1);
  server.stop();  // nothing happens
}

TEST_CASE("http server: serve_forever() ends with stop(), or when it is killed",
          "[net][http][server]") {
  const Hub hub;
  http::Server server(kAnyPort, hello);
  const auto serves = serve_forever(server);
  RawClient client(server);
  client.send(kGet);
  CHECK(client.receive().body == "hello");

  SECTION("stop") { server.stop(); }
  SECTION("kill") { serves->kill(); }
  serves->join();
  CHECK_FALSE(server.started());
  CHECK(client.receive_all().empty());
}

TEST_CASE("http server: a handler may stop its server", "[net][http][server]") {
  const Hub hub;
  std::unique_ptr<http::Server> server;
  server = std::make_unique<http::Server>(kAnyPort,
                                          [&](Request&, Response& response) {
                                            response.send("bye");
                                            server->stop(1ms);
                                          });
  const auto serves = spawn([&] { server->serve_forever(); });
  sleep();
  RawClient client(*server);
  client.send(kGet);
  CHECK(client.receive().body == "bye");
  serves->get();
  CHECK(client.receive_all().empty());
}

TEST_CASE("http server: its connections end with it", "[net][http][server]") {
  const Hub hub;
  Slow slow;
  auto server = std::make_unique<http::Server>(kAnyPort, slow.handler());
  server->start();
  RawClient rests(*server);
  RawClient busy(*server);
  busy.send(kGet);
  slow.wait_until_begun(1);
  RawClient is_new(*server);  // nobody has accepted it yet
  server.reset();
  CHECK(rests.receive_all().empty());
  CHECK(busy.receive_all().empty());
  CHECK(is_new.receive_all().empty());
  CHECK(slow.unwound == 1);
}

TEST_CASE("http server: ends with its hub", "[net][http][server]") {
  Slow* slow = nullptr;
  int unwound = 0;
  {
    const Hub hub;
    Slow here;
    slow = &here;
    http::Server server(kAnyPort, slow->handler());
    server.start();
    RawClient rests(server);
    RawClient busy(server);
    busy.send(kGet);
    slow->wait_until_begun(1);
    killall({spawn([&] { sleep(1h); })});
    server.stop(Duration::zero());
    unwound = slow->unwound;
  }
  CHECK(unwound == 1);

  // A server that nobody stops, and that is not destroyed before.
  auto hub = std::make_unique<Hub>();
  auto server = std::make_unique<http::Server>(kAnyPort, hello);
  server->start();
  RawClient client(*server);
  client.send(kGet);
  CHECK(client.receive().body == "hello");
  client.close();
  server.reset();
  hub.reset();
}

TEST_CASE("http server: more connections than the limit are answered with 503",
          "[net][http][server]") {
  const Hub hub;
  http::Server server(kAnyPort, hello, {.limits = {.connections = 2}});
  server.start();
  RawClient first(server);
  RawClient second(server);
  second.send(kGet);
  CHECK(second.receive().body == "hello");
  CHECK(RawClient(server).receive().status == 503);
  first.close();
  while (server.connections() == 2) sleep(1ms);
  RawClient third(server);
  third.send(kGet);
  CHECK(third.receive().body == "hello");
}

TEST_CASE("http server: listens at a unix socket, too", "[net][http][server]") {
  const Hub hub;
  std::string peer = "none";
  http::Server server(net::Endpoint::unix_path("@greenroom-http-test-" +
                                               std::to_string(::getpid())),
                      [&](Request& request, Response& response) {
                        peer = request.peer().address();
                        hello(request, response);
                      });
  server.start();
  RawClient client(server);
  client.send(kGet);
  CHECK(client.receive().body == "hello");
  CHECK(peer.empty());
}

// The descriptor of a server of this process, which keeps it to itself.
int listening_socket_at(const net::Endpoint& endpoint) {
  for (int fd = 0; fd < 1000; ++fd) {
    int listens = 0;
    socklen_t size = sizeof(listens);
    if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) == 0 &&
        listens != 0 && net::Endpoint::local_of(fd) == endpoint)
      return fd;
  }
  throw std::out_of_range("nobody listens there");
}

TEST_CASE("http server: a socket that cannot accept any more ends it",
          "[net][http][server]") {
  Reported reported;
  const Hub hub(reported.options());
  http::Server server(kAnyPort, hello);
  const auto serves = serve_forever(server);
  RawClient client(server);
  client.send(kGet);
  CHECK(client.receive().body == "hello");

  shutdown(listening_socket_at(server.endpoint()), SHUT_RDWR);
  serves->join();
  CHECK_FALSE(server.started());
  CHECK(reported.all() ==
        std::vector<std::string>{"accept at " + server.endpoint().to_string() +
                                 ": Invalid argument"});
  CHECK_THROWS_AS(server.start(), std::logic_error);

  client.send(kGet);  // whoever is there already is served
  CHECK(client.receive().body == "hello");
  server.stop();
  CHECK(client.receive_all().empty());
  CHECK(server.connections() == 0);
}

TEST_CASE("http server: goes on accepting when there are descriptors again",
          "[net][http][server]") {
  std::vector<std::string> reports;
  const Hub hub(
      {.handle_error = [&](const std::string& who, const std::exception_ptr&) {
        reports.push_back(who);
      }});
  http::Server server(kAnyPort, hello);
  server.start();
  RawClient before(server);
  before.send(kGet);
  CHECK(before.receive().body == "hello");

  // The client's socket is the last descriptor there is.
  const int next = ::dup(0);
  ::close(next);
  rlimit old{};
  getrlimit(RLIMIT_NOFILE, &old);
  rlimit few = old;
  few.rlim_cur = static_cast<rlim_t>(next) + 1;
  setrlimit(RLIMIT_NOFILE, &few);
  RawClient client(server);
  client.send(kGet);
  while (reports.empty()) sleep(1ms);
  setrlimit(RLIMIT_NOFILE, &old);

  CHECK(client.receive().body == "hello");
  CHECK(reports.at(0) == "accept at " + server.endpoint().to_string());
}

}  // namespace
}  // namespace greenroom::test
