// What a handler learns of a client that goes away, or that reads nothing.

#include "../../../../support/catch2.hpp"
#include "../../../../support/raw_client.hpp"
#include "../../../../support/reported.hpp"

#include <greenroom/runtime/core/hub.hpp>
#include <greenroom/runtime/net/http/server/response.hpp>
#include <greenroom/runtime/net/http/server/server.hpp>
#include <greenroom/runtime/sync/queue.hpp>
#include <greenroom/runtime/tasks/spawn.hpp>
#include <greenroom/runtime/tasks/timeout.hpp>

#include <chrono>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;
using http::Request;
using http::Response;

TEST_CASE("response: a client that has gone is ClientGone, and not reported",
          "[net][http][response]") {
  Reported reported;
  const Hub hub(reported.options());
  int gone = 0;
  http::Server server(kAnyPort,
                      [&](Request&, Response& response) {
                        try {
                          for (;;) response.write(std::string(100'000, 'x'));
                        } catch (const http::ClientGone&) {
                          try {
                            response.write("still?");
                          } catch (const http::ClientGone&) {
                            ++gone;
                          }
                          throw;
                        }
                      },
                      {.limits = {.write_time = 20ms}});
  server.start();

  SECTION("it has closed the connection") {
    RawClient client(server);
    client.send(kGet);
    (void)client.receive_until("xx");
    client.close();
  }
  SECTION("it takes nothing for too long") {
    RawClient client(server);
    client.send(kGet);
    while (gone == 0) sleep(1ms);
  }
  while (server.connections() != 0) sleep(1ms);
  CHECK(gone == 1);
  CHECK(reported.all().empty());
}

TEST_CASE("response: a write that was interrupted ends the connection",
          "[net][http][response]") {
  const Hub hub;
  int interrupted = 0;
  http::Server server(kAnyPort, [&](Request&, Response& response) {
    std::string much;
    much.resize(50'000'000, 'x');
    interrupted += within(20ms, [&] { response.write(much); }) ? 0 : 1;
    try {
      response.write("more");
    } catch (const std::logic_error&) {
      ++interrupted;
    }
  });
  server.start();
  RawClient client(server);
  client.send(kGet + kGet);
  while (interrupted == 0) sleep(1ms);  // and reads nothing meanwhile
  const auto all = client.receive_all();
  CHECK(all.find("more") == std::string::npos);
  CHECK(all.find("HTTP", 1) == std::string::npos);
  CHECK(interrupted == 2);
}

TEST_CASE(
    "while connected: a handler that waits hears that its client has gone",
    "[net][http][response]") {
  const Hub hub;
  Queue<int> news;
  std::vector<std::string> log;
  http::Server server(kAnyPort, [&](Request& request, Response& response) {
    const http::WhileConnected watch(response);
    try {
      response.send(std::to_string(news.get()));
    } catch (const http::ClientGone&) {
      log.push_back(request.path() + " is gone");
      throw;
    }
  });
  server.start();
  const auto wait_for = [&](std::size_t waiting) {
    while (server.connections() != waiting) sleep(1ms);
  };

  RawClient first(server);
  first.send("GET /first HTTP/1.1\r\nHost: x\r\n\r\n");
  wait_for(1);
  SECTION("by closing") { first.close(); }
  SECTION("by sending nothing more") { first.shutdown(); }
  wait_for(0);
  CHECK(log == std::vector<std::string>{"/first is gone"});

  RawClient second(server);
  second.send(kGet);
  news.put(7);
  CHECK(second.receive().body == "7");
  CHECK(news.empty());
}

TEST_CASE("while connected: a client that had gone before counts, too",
          "[net][http][response]") {
  const Hub hub;
  Queue<int> news;
  Queue<int> go;
  int gone = 0;
  http::Server server(kAnyPort, [&](Request&, Response& response) {
    (void)go.get();
    const http::WhileConnected watch(response);
    try {
      (void)news.get();
    } catch (const http::ClientGone&) {
      ++gone;
      throw;
    }
  });
  server.start();
  {
    RawClient client(server);
    client.send(kGet);
    while (server.connections() == 0) sleep(1ms);
    client.close();
  }
  sleep(1ms);
  go.put(1);
  while (server.connections() != 0) sleep(1ms);
  CHECK(gone == 1);
}

TEST_CASE("while connected: what a client sends meanwhile is its next request",
          "[net][http][response]") {
  const Hub hub;
  Queue<int> news;
  http::Server server(kAnyPort, [&](Request&, Response& response) {
    const http::WhileConnected watch(response);
    response.send(std::to_string(news.get()));
  });
  server.start();
  RawClient client(server);
  client.send(kGet);
  while (server.connections() == 0) sleep(1ms);
  client.send(kGet);
  sleep(1ms);
  news.put(1);
  news.put(2);
  CHECK(client.receive().body == "1");
  CHECK(client.receive().body == "2");
}

}  // namespace
}  // namespace greenroom::test
