#include "../../../../support/catch2.hpp"
#include "../../../../support/raw_client.hpp"

#include <greenroom/runtime/core/hub.hpp>
#include <greenroom/runtime/net/http/server/connection.hpp>
#include <greenroom/runtime/net/http/server/server.hpp>
#include <greenroom/runtime/sync/queue.hpp>
#include <greenroom/runtime/tasks/local.hpp>
#include <greenroom/runtime/tasks/spawn.hpp>

#include <algorithm>
#include <chrono>
#include <deque>
#include <sstream>
#include <string>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;
using http::Request;
using http::Response;

const std::string kHost = " HTTP/1.1\r\nHost: x\r\n\r\n";

void echo_target(Request& request, Response& response) {
  response.send(request.target());
}

TEST_CASE("http connection: pipelined requests are answered in order",
          "[net][http][connection]") {
  const Hub hub;
  http::Server server(kAnyPort, [](Request& request, Response& response) {
    if (request.target() == "/3") sleep(1ms);
    response.send(request.target());
  });
  server.start();
  RawClient client(server);
  std::string requests;
  constexpr int kMany = 100;  // more than one turn's worth
  for (int i = 0; i < kMany; ++i)
    requests += "GET /" + std::to_string(i) + kHost;
  client.send(requests);
  for (int i = 0; i < kMany; ++i)
    CHECK(client.receive().body == "/" + std::to_string(i));
}

TEST_CASE("http connection: rests between requests, and holds no stack",
          "[net][http][connection]") {
  const Hub hub;
  http::Server server(kAnyPort, echo_target);
  server.start();
  std::deque<RawClient> clients;
  for (int i = 0; i < 50; ++i) {
    clients.emplace_back(server);
    clients.back().send(kGet);
  }
  for (auto& client : clients) CHECK(client.receive().body == "/");
  int parked = 0;
  Hub::current().for_each_waiting([&](const Waiting&) { ++parked; });
  CHECK(parked == 1);  // the one that accepts
  CHECK(server.connections() == 50);
  for (auto& client : clients) client.send(kGet);
  for (auto& client : clients) CHECK(client.receive().body == "/");
}

TEST_CASE("http connection: a slow handler keeps only its own client waiting",
          "[net][http][connection]") {
  const Hub hub;
  Queue<int> go;
  http::Server server(kAnyPort, [&](Request& request, Response& response) {
    if (request.target() == "/slow") (void)go.get();
    response.send(request.target());
  });
  server.start();
  RawClient slow(server);
  slow.send("GET /slow" + kHost + kGet);
  RawClient quick(server);
  quick.send(kGet);
  CHECK(quick.receive().body == "/");
  go.put(1);
  CHECK(slow.receive().body == "/slow");
  CHECK(slow.receive().body == "/");
}

TEST_CASE("http connection: a Local belongs to one request",
          "[net][http][connection]") {
  const Hub hub;
  Local<int> seen;
  http::Server server(kAnyPort, [&](Request& request, Response& response) {
    const int before = *seen;
    *seen += 1;
    if (request.target() == "/error") throw http::HttpError(404);
    response.send(std::to_string(before));
  });
  server.start();
  RawClient client(server);
  client.send(kGet + "GET /error" + kHost + kGet + kGet);
  CHECK(client.receive().body == "0");
  CHECK(client.receive().status == 404);
  CHECK(client.receive().body == "0");
  CHECK(client.receive().body == "0");
}

TEST_CASE("http connection: one that rests for too long is closed, silently",
          "[net][http][connection]") {
  const Hub hub;
  http::Server server(kAnyPort, echo_target, {.limits = {.idle_time = 200ms}});
  server.start();
  RawClient client(server);
  client.send(kGet + "\r\n");
  CHECK(client.receive().body == "/");
  CHECK(client.receive_all().empty());
  CHECK(RawClient(server).receive_all().empty());
  CHECK(server.connections() == 0);
}

TEST_CASE("http connection: slow heads are 408, and keep nobody else waiting",
          "[net][http][connection]") {
  const Hub hub;
  http::Server server(kAnyPort, echo_target, {.limits = {.header_time = 1s}});
  server.start();
  std::deque<RawClient> slow;
  for (int i = 0; i < 50; ++i) {
    slow.emplace_back(server);
    slow.back().send("GET / HTTP/1.1\r\nA:");
  }
  RawClient quick(server);
  quick.send(kGet);
  CHECK(quick.receive().body == "/");
  for (int sent = 0; sent < 20; ++sent) {  // more does not help
    slow.front().send("x");
    sleep(1ms);
  }
  for (auto& client : slow) {
    CHECK(client.receive().status == 408);
    CHECK(client.receive_all().empty());
  }
}

TEST_CASE("http connection: too many requests in a second are 429",
          "[net][http][connection]") {
  const Hub hub;
  http::Server server(kAnyPort, echo_target,
                      {.limits = {.requests_per_second = 3}});
  server.start();
  RawClient client(server);
  client.send(kGet + kGet + kGet + kGet + kGet);
  for (int i = 0; i < 3; ++i) CHECK(client.receive().status == 200);
  const auto refusal = client.receive();
  CHECK(refusal.status == 429);
  CHECK(refusal.says("Connection: close"));
  CHECK(client.receive_all().empty());
}

TEST_CASE("http connection: a refused client can read why while it still sends",
          "[net][http][connection]") {
  const Hub hub;
  http::Server server(kAnyPort, echo_target, {.limits = {.body_size = 10}});
  server.start();
  RawClient client(server);
  client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n");
  client.send(std::string(1'000'000, 'x'));
  CHECK(client.receive().status == 413);
}

TEST_CASE("http connection: each request is a line of the access log",
          "[net][http][connection]") {
  const Hub hub;
  std::ostringstream log;
  http::Server server(kAnyPort,
                      [](Request& request, Response& response) {
                        if (request.target() == "/404")
                          throw http::HttpError(404);
                        response.write(request.target());
                      },
                      {.access_log = &log});
  server.start();
  RawClient client(server);
  client.send(kGet + "GET /404" + kHost + "HEAD /\"%0a\\\xff" + kHost +
              "GET /\x01" + kHost);
  (void)client.receive_all();

  std::vector<std::string> lines;
  std::istringstream all(log.str());
  for (std::string line; std::getline(all, line);) {
    const auto date = line.find('[');
    REQUIRE(line.find(" +0000]") == date + 21);
    lines.push_back(line.erase(date, 28));
  }
  CHECK(lines == std::vector<std::string>{
                     "127.0.0.1 - -  \"GET / HTTP/1.1\" 200 1",
                     "127.0.0.1 - -  \"GET /404 HTTP/1.1\" 404 10",
                     "127.0.0.1 - -  \"HEAD /%22%0a\\\xff HTTP/1.1\" 200 0",
                     "127.0.0.1 - -  \"-\" 400 32"});
}

}  // namespace
}  // namespace greenroom::test
