// gevent's pywsgi, number by number: README.md. Bodies and lines of requests
// are in http_request_test.cpp.

#include "../support/catch2.hpp"
#include "../support/raw_client.hpp"

#include <greenroom/runtime/core/hub.hpp>
#include <greenroom/runtime/net/http/server/server.hpp>
#include <greenroom/runtime/sync/queue.hpp>
#include <greenroom/runtime/tasks/spawn.hpp>

#include <array>
#include <chrono>
#include <exception>
#include <sstream>
#include <stdexcept>
#include <string>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;
using http::Request;
using http::Response;

const std::string kGet10 = "GET / HTTP/1.0\r\n\r\n";

// A server on a hub of its own, and the reports of that hub.
struct Wsgi {
  explicit Wsgi(const http::Server::Handler& handler,
                const http::ServerOptions& options = {})
      : hub({.handle_error = [this](const std::string&,
                                    const std::exception_ptr&) { ++reports; }}),
        server(net::Endpoint("127.0.0.1", 0), handler, options) {
    server.start();
  }
  [[nodiscard]] std::string ask(const std::string& bytes) const {
    return test::ask(server, bytes);
  }

  int reports = 0;
  Hub hub;
  http::Server server;
};

void hello(Request&, Response& response) { response.send("hello"); }

void stream(Request&, Response& response) {
  for (const char* piece : {"one", "", "two"}) response.write(piece);
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

int times(const std::string& text, const std::string& part) {
  int found = 0;
  for (auto at = text.find(part); at != std::string::npos;
       at = text.find(part, at + 1))
    ++found;
  return found;
}

TEST_CASE("gevent 292: HTTP/1.1 keeps the connection, also after a 404",
          "[conformance][http]") {
  const Wsgi wsgi([](Request& request, Response& response) {
    if (request.path() == "/none") throw http::HttpError(404);
    if (request.path() == "/last") response.set_header("Connection", "close");
    response.send("hello");
  });
  RawClient client(wsgi.server);  // pywsgi.CommonTestMixin.test_basic
  client.send("GET /none HTTP/1.1\r\nHost: x\r\n\r\n" + kGet);
  CHECK(client.receive().status == 404);
  CHECK(client.receive().status == 200);
  client.send("GET /last HTTP/1.1\r\nHost: x\r\n\r\n" + kGet);
  CHECK(times(client.receive_all(), "HTTP/1.1") == 1);
  CHECK(times(wsgi.ask("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                       "\r\n" +
                       kGet),
              "HTTP/1.1") == 1);
}

TEST_CASE(
    "gevent 293: an HTTP/1.0 connection is closed unless its client asks to "
    "keep it",
    "[conformance][http]") {
  const Wsgi wsgi(hello);  // pywsgi.TestNoChunks10KeepAlive
  const auto closed = wsgi.ask(kGet10);
  CHECK(closed.starts_with("HTTP/1.1 200 OK\r\n"));
  CHECK(has(closed, "\r\nConnection: close\r\n"));
  RawClient client(wsgi.server);
  for (int i = 0; i < 2; ++i) {
    client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    CHECK(client.receive().says("Connection: keep-alive"));
  }
}

TEST_CASE(
    "gevent 294: there is no Connection header while the connection is kept",
    "[conformance][http]") {
  const Wsgi wsgi(hello);
  RawClient client(wsgi.server);
  client.send(kGet);
  CHECK_FALSE(has(client.receive().head, "Connection"));
  // Unlike gevent, it announces an end that the client asked for.
  CHECK(has(wsgi.ask("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
            "\r\nConnection: close\r\n"));
}

TEST_CASE("gevent 295: pipelined requests are answered in order",
          "[conformance][http]") {
  const Wsgi wsgi([](Request& request, Response& response) {
    response.send(request.path());
  });
  RawClient client(wsgi.server);  // pywsgi.CommonTestMixin.test_pipeline
  client.send(
      "GET /1 HTTP/1.1\r\nHost: x\r\n\r\n"
      "GET /2 HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(client.receive().body == "/1");
  CHECK(client.receive().body == "/2");
}

TEST_CASE("gevent 296: a body in one piece has a length and no chunks",
          "[conformance][http]") {
  const auto answer = Wsgi(hello).ask(kGet10);  // pywsgi.TestNoChunks
  CHECK(has(answer, "\r\nContent-Length: 5\r\n"));
  CHECK_FALSE(has(answer, "Transfer-Encoding"));
}

TEST_CASE(
    "gevent 297, 300: each piece is a chunk, and empty pieces are skipped",
    "[conformance][http]") {
  const Wsgi wsgi(stream);  // pywsgi.TestChunkedApp, TestEmptyYield
  RawClient client(wsgi.server);
  client.send(kGet);
  CHECK(has(client.receive_until("\r\n\r\n"),
            "\r\nTransfer-Encoding: chunked\r\n"));
  CHECK(client.receive_until("0\r\n\r\n") ==
        "3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n");
}

TEST_CASE("gevent 298: an HTTP/1.0 client gets data until the connection ends",
          "[conformance][http]") {
  const auto answer = Wsgi(stream).ask(kGet10);
  CHECK(answer.ends_with("\r\n\r\nonetwo"));  // test_no_chunked_http_1_0
  CHECK_FALSE(has(answer, "Transfer-Encoding"));
}

TEST_CASE("gevent 299: an explicit length suppresses chunks",
          "[conformance][http]") {
  const Wsgi wsgi([](Request&, Response& response) {
    response.set_header("Content-Length", "6");
    response.write("one");
    response.write("two");
  });
  RawClient client(wsgi.server);  // pywsgi.TestExplicitContentLength
  client.send(kGet);
  const auto reply = client.receive();
  CHECK(reply.body == "onetwo");
  CHECK_FALSE(has(reply.head, "Transfer-Encoding"));
  // Unlike gevent, a body of another length cuts the connection.
}

TEST_CASE("gevent 301: 204 and 304 have no body, length or chunks",
          "[conformance][http]") {
  Wsgi wsgi([](Request& request, Response& response) {
    response.set_status(request.path() == "/304" ? 304 : 204);
    if (!request.query().empty()) response.send("body");
  });
  RawClient client(wsgi.server);  // pywsgi.TestEmptyYield304
  for (const char* path : {"/304", "/204"}) {
    client.send("GET " + std::string(path) + " HTTP/1.1\r\nHost: x\r\n\r\n");
    const auto reply = client.receive();
    CHECK_FALSE(has(reply.head, "Content-Length"));
    CHECK_FALSE(has(reply.head, "Transfer-Encoding"));
  }
  client.send("GET /304?body HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(client.receive().status == 500);  // pywsgi.TestBody304
  CHECK(wsgi.reports == 1);
}

TEST_CASE("gevent 302: the Date is added unless there is one",
          "[conformance][http]") {
  CHECK(times(Wsgi(hello).ask(kGet10), "\r\nDate: ") == 1);
  const auto own = Wsgi([](Request&, Response& response) {
                     response.set_header("Date", "mine");
                   }).ask(kGet10);
  CHECK(has(own, "\r\nDate: mine\r\n"));
  CHECK(times(own, "Date: ") == 1);
}

TEST_CASE("gevent 303: an answer to HEAD has no body", "[conformance][http]") {
  // Unlike gevent, the server itself makes sure that there is no body.
  CHECK(Wsgi(hello).ask("HEAD / HTTP/1.0\r\n\r\n").ends_with("\r\n\r\n"));
}

TEST_CASE("gevent 305: a line break in a header is refused",
          "[conformance][http]") {
  Wsgi wsgi([](Request&, Response& response) {
    response.set_header("X", "y\r\nEvil: z");
  });  // pywsgi.TestHTTPResponseSplitting
  const auto answer = wsgi.ask(kGet10);
  CHECK(answer.starts_with("HTTP/1.1 500 "));
  CHECK_FALSE(has(answer, "Evil"));
  CHECK(wsgi.reports == 1);
}

TEST_CASE(
    "gevent 307, 310: an error is reported, and answered with 500 as the last "
    "answer",
    "[conformance][http]") {
  Wsgi wsgi([](Request&, Response& response) {
    response.set_status(201);
    throw std::runtime_error("oops");
  });  // pywsgi.TestErrorInApplication
  const auto answer = wsgi.ask(kGet + kGet);
  CHECK(answer.starts_with("HTTP/1.1 500 Internal Server Error\r\n"));
  CHECK(has(answer, "\r\nConnection: close\r\n"));
  CHECK(has(answer, "\r\nContent-Type: text/plain"));
  CHECK(times(answer, "HTTP/1.1") == 1);
  CHECK(wsgi.reports == 1);
}

TEST_CASE("gevent 308: an error after the first chunk cuts the answer short",
          "[conformance][http]") {
  const Wsgi wsgi([](Request&, Response& response) {
    response.write("one");
    throw std::runtime_error("oops");
  });  // pywsgi.TestErrorAfterChunk
  CHECK(wsgi.ask(kGet).ends_with("\r\n\r\n3\r\none\r\n"));
}

TEST_CASE("gevent 312: a client that disconnects is not reported",
          "[conformance][http]") {
  Wsgi wsgi([](Request&, Response& response) {
    for (;;) response.write(std::string(100'000, 'x'));
  });
  RawClient client(wsgi.server);
  client.send(kGet);
  (void)client.receive_until("xx");
  client.close();
  while (wsgi.server.connections() != 0) sleep(1ms);
  CHECK(wsgi.reports == 0);
}

TEST_CASE("gevent 313: the access log has a line for each request",
          "[conformance][http]") {
  std::ostringstream log;
  (void)Wsgi(hello, {.access_log = &log}).ask(kGet10);
  CHECK(log.str().starts_with("127.0.0.1 - - ["));  // pywsgi.TestLogging
  // Unlike gevent, without the seconds: the common log format has none.
  CHECK(log.str().ends_with("] \"GET / HTTP/1.0\" 200 5\n"));
}

TEST_CASE("gevent 315: head and body are one write", "[conformance][http]") {
  // Unlike gevent, which writes twice: then a delayed ACK comes in between.
  const Wsgi wsgi(hello);
  RawClient client(wsgi.server);
  client.send(kGet);
  std::array<char, 4096> all{};
  const auto size = client.socket().read_some(all);
  CHECK(std::string(all.data(), size).ends_with("hello"));
}

TEST_CASE("gevent 330: the connection of a silent client is closed",
          "[conformance][http]") {
  // Unlike gevent, which keeps its greenlet for ever.
  const Wsgi wsgi(hello,
                  {.limits = {.header_time = 200ms, .idle_time = 200ms}});
  CHECK(wsgi.ask("").empty());
  CHECK(wsgi.ask("GET /").starts_with("HTTP/1.1 408 "));
}

TEST_CASE("gevent 347: a refused client that still sends is not reset",
          "[conformance][http]") {
  const Wsgi wsgi(hello);
  RawClient client(wsgi.server);
  client.send("hello\r\n" + std::string(100'000, 'x'));
  CHECK(client.receive().status == 400);
}

TEST_CASE("gevent 349: it starts, stops and tells its port as other servers do",
          "[conformance][http]") {
  Wsgi wsgi(hello);
  CHECK(wsgi.server.started());
  CHECK(wsgi.server.endpoint().port() != 0);
  wsgi.server.stop();
  CHECK_FALSE(wsgi.server.started());
}

TEST_CASE(
    "gevent 350: each item goes to one poller, and none to clients that have "
    "gone",
    "[conformance][http]") {
  const Hub hub;
  Queue<std::string> items;
  int polling = 0;
  http::Server server({"127.0.0.1", 0}, [&](Request&, Response& response) {
    const http::WhileConnected watch(response);
    ++polling;
    for (;;) response.write(items.get());
  });
  server.start();
  RawClient first(server);
  first.send(kGet);
  items.put("a");
  CHECK(has(first.receive_until("a\r\n"), "chunked"));
  RawClient second(server);
  second.send(kGet);
  while (polling != 2) sleep(1ms);
  items.put("b");
  CHECK(first.receive_until("b\r\n") == "1\r\nb\r\n");
  items.put("c");
  CHECK(has(second.receive_until("c\r\n"), "chunked"));
  // Unlike gevent, a poller whose client has gone takes no more items.
  first.close();
  while (server.connections() != 1) sleep(1ms);
  items.put("d");
  items.put("e");
  CHECK(second.receive_until("e\r\n") == "1\r\nd\r\n1\r\ne\r\n");
}

TEST_CASE("gevent 351: a poll whose client has given up takes no message",
          "[conformance][http]") {
  // Unlike gevent's chat room, where it eats the next one.
  const Hub hub;
  Queue<std::string> messages;
  http::Server server({"127.0.0.1", 0}, [&](Request&, Response& response) {
    const http::WhileConnected watch(response);
    response.send(messages.get());
  });
  server.start();
  {
    RawClient leaves(server);
    leaves.send(kGet);
    while (server.connections() == 0) sleep(1ms);
  }
  while (server.connections() != 0) sleep(1ms);
  messages.put("hello");
  RawClient stays(server);
  stays.send(kGet);
  CHECK(stays.receive().body == "hello");
}

}  // namespace
}  // namespace greenroom::test
