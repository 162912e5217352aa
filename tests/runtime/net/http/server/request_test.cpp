#include "../../../../support/catch2.hpp"
#include "../../../../support/raw_client.hpp"

#include <greenroom/runtime/core/hub.hpp>
#include <greenroom/runtime/net/http/server/request.hpp>
#include <greenroom/runtime/net/http/server/server.hpp>

#include <array>
#include <chrono>
#include <exception>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;
using http::HttpError;
using http::Request;
using http::Response;
using Pairs = std::vector<std::pair<std::string, std::string>>;

const std::string kChunked =
    "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
const std::string kNext = "GET /next HTTP/1.1\r\nHost: x\r\n\r\n";

// Answers with the body.
void echo(Request& request, Response& response) {
  response.send(std::string(request.target()) + " " + request.body());
}

TEST_CASE("request: says what was asked for", "[net][http][request]") {
  const Hub hub;
  std::vector<std::string> log;
  http::Server server(kAnyPort, [&](Request& request, Response&) {
    log.emplace_back(request.method());
    log.emplace_back(request.target());
    log.push_back(request.path());
    log.emplace_back(request.query());
    log.push_back(std::to_string(request.version()));
    log.push_back(request.peer().address());
    log.emplace_back(request.header("x-ONE").value_or("none"));
    log.emplace_back(request.header("X-Two").value_or("none"));
    for (const auto& [name, value] : request.headers())
      log.push_back(std::string(name) + "=" + std::string(value));
  });
  server.start();
  RawClient client(server);
  client.send(
      "PUT /a%20b/%C3%A4?c=%20 HTTP/1.1\r\nHost: x\r\nX-One: 1 \r\n"
      "X-One: 2\r\n\r\n");
  CHECK(client.receive().status == 200);
  CHECK(log == std::vector<std::string>{
                   "PUT", "/a%20b/%C3%A4?c=%20", "/a b/\xc3\xa4", "c=%20", "11",
                   "127.0.0.1", "1", "none", "Host=x", "X-One=1", "X-One=2"});
}

TEST_CASE("request: escapes are decoded, all else stays",
          "[net][http][request]") {
  CHECK(http::percent_decode("a%20b%2F%zz%4") == "a b/%zz%4");
  CHECK(http::percent_decode("%") == "%");
  CHECK(http::percent_decode("a+b") == "a+b");
  CHECK(http::percent_decode("a+b%2B", true) == "a b+");
  CHECK(http::parse_form("a=1&b=x%26y+z&c&=d&&a=2") ==
        Pairs{{"a", "1"}, {"b", "x&y z"}, {"c", ""}, {"", "d"}, {"a", "2"}});
  CHECK(http::parse_form("").empty());
}

TEST_CASE("request: a body has its length, and is not read beyond",
          "[net][http][request]") {
  const Hub hub;
  http::Server server(kAnyPort, echo);
  server.start();
  RawClient client(server);
  client.send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello" +
              kNext + "POST /0 HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(client.receive().body == "/a hello");
  CHECK(client.receive().body == "/next ");
  CHECK(client.receive().body == "/0 ");
}

TEST_CASE("request: a body comes in chunks", "[net][http][request]") {
  const Hub hub;
  http::Server server(kAnyPort, echo);
  server.start();
  RawClient client(server);
  const std::string big(100'000, 'x');
  for (const auto& [chunks, body] :
       Pairs{{"0\r\n\r\n", ""},
             {"5\r\nhello\r\n0\r\n\r\n", "hello"},
             {"1\r\na\r\n1\r\nb\r\n00\r\n\r\n", "ab"},
             {"A\r\n0123456789\r\n0\r\n\r\n", "0123456789"},
             {"a\r\n\r\n\r\n0\r\n\r\n\n\r\n0\r\n\r\n", "\r\n\r\n0\r\n\r\n\n"},
             {"2;a\r\nhi\r\n0;b=c\r\n\r\n", "hi"},
             {"2;a=\"b;\\\"c\";d\r\nhi\r\n0\r\n\r\n", "hi"},
             {"2\r\nhi\r\n0\r\nA: b\r\nC: d\r\n\r\n", "hi"},
             {"186a0\r\n" + big + "\r\n0\r\n\r\n", big}}) {
    CAPTURE(chunks.substr(0, 40));
    client.send(kChunked);
    client.send(chunks);
    client.send(kNext);
    CHECK(client.receive().body == "/ " + body);
    CHECK(client.receive().body == "/next ");
  }
}

TEST_CASE("request: it may come byte by byte", "[net][http][request]") {
  const Hub hub;
  http::Server server(kAnyPort, echo);
  server.start();
  RawClient client(server);
  client.send_byte_by_byte(
      "\r\nPOST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello");
  CHECK(client.receive().body == "/a hello");
  client.send_byte_by_byte(kChunked +
                           "5\r\nhello\r\n1;a=b\r\n!\r\n0\r\nA: b\r\n\r\n");
  CHECK(client.receive().body == "/ hello!");
  client.send_byte_by_byte(kChunked + "0\r\n\r\n" + kNext);
  CHECK(client.receive().body == "/ ");
  CHECK(client.receive().body == "/next ");
}

TEST_CASE("request: a body is read as it comes", "[net][http][request]") {
  const Hub hub;
  http::Server server(kAnyPort, [](Request& request, Response& response) {
    std::array<char, 3> piece{};
    while (const auto count = request.read_some(piece))
      response.write(std::string(piece.data(), count) + "|");
  });
  server.start();
  RawClient client(server);
  client.send(kChunked + "5\r\nhello\r\n");
  CHECK(client.receive_until("|\r\n3\r\nlo|\r\n").find("hel|") !=
        std::string::npos);
  client.send("1\r\n!\r\n");  // now that it has heard of the first
  CHECK(client.receive_until("!|\r\n") == "2\r\n!|\r\n");
  client.send("0\r\n\r\n");
  CHECK(client.receive_until("0\r\n\r\n") == "0\r\n\r\n");
}

TEST_CASE("request: a wrong chunk is 400, and nothing after it is executed",
          "[net][http][request]") {
  const Hub hub;
  std::vector<std::string> asked;
  http::Server server(kAnyPort, [&](Request& request, Response& response) {
    asked.emplace_back(request.target());
    echo(request, response);
  });
  server.start();
  const std::string rest = "\r\n0\r\n\r\n" + kNext;
  for (const std::string& chunks :
       {"-5\r\nhello" + rest, "5x\r\nhello" + rest, "x\r\nhello" + rest,
        "\r\nhello" + rest, "0x5\r\nhello" + rest, "+5\r\nhello" + rest,
        " 5\r\nhello" + rest, "5 \r\nhello" + rest, "5\nhello" + rest,
        "5\rhello" + rest, "5\r\nhello0\r\n\r\n" + kNext,
        "5\r\nhello\n0\r\n\r\n" + kNext, "4\r\nhello" + rest,
        "5;\r\nhello" + rest, "5;a=\r\nhello" + rest, "5;a b\r\nhello" + rest,
        "11111111111111111\r\nhello" + rest,
        "5;a=" + std::string(9000, 'b') + "\r\nhello" + rest,
        "5;a=" + std::string(100'000, 'b'),
        // Trailers.
        "0\r\n" + kNext, "0\r\nGET /next HTTP/1.1\r\n\r\n" + kNext,
        "0\r\nA b: c\r\n\r\n" + kNext, "0\r\nA\r\n\r\n" + kNext,
        "0\r\nContent-Length: 5\r\n\r\n" + kNext,
        "0\r\nTransfer-Encoding: chunked\r\n\r\n" + kNext,
        "0\r\nA: " + std::string(9000, 'b') + "\r\n\r\n" + kNext,
        "0\r\nA: " + std::string(100'000, 'b')}) {
    CAPTURE(chunks.substr(0, 40));
    asked.clear();
    RawClient client(server);
    client.send(kChunked + chunks);
    const auto reply = client.receive();
    CHECK(reply.status == 400);
    CHECK(reply.says("Connection: close"));
    CHECK(client.receive_all().empty());
    CHECK(asked == std::vector<std::string>{"/"});
  }
}

TEST_CASE("request: a body that stops coming is 408", "[net][http][request]") {
  const Hub hub;
  http::Server server(kAnyPort, echo, {.limits = {.body_time = 20ms}});
  server.start();
  for (const char* chunks : {"", "5", "5\r\nhel", "5\r\nhello", "0\r\n",
                             "0\r\nA: b\r\n", "5;a=\"\r\nhello\r\n0\r\n\r\n"}) {
    CAPTURE(chunks);
    RawClient client(server);
    client.send(kChunked + chunks);
    CHECK(client.receive().status == 408);
    CHECK(client.receive_all().empty());
  }
}

TEST_CASE("request: trailers do not join the headers", "[net][http][request]") {
  const Hub hub;
  http::Server server(kAnyPort, [](Request& request, Response& response) {
    const auto body = request.body();
    response.send(request.header("X-User").value_or("nobody"));
  });
  server.start();
  RawClient client(server);
  client.send(kChunked + "2\r\nhi\r\n0\r\nX-User: root\r\n\r\n");
  CHECK(client.receive().body == "nobody");
}

TEST_CASE("request: a body that is too long is 413", "[net][http][request]") {
  const Hub hub;
  http::Server server(kAnyPort, echo, {.limits = {.body_size = 10}});
  server.start();
  for (const char* body :
       {"Content-Length: 11\r\n\r\n01234567890",
        "Transfer-Encoding: chunked\r\n\r\nb\r\n01234567890\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n6\r\n012345\r\n5\r\n67890\r\n",
        "Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n"}) {
    CAPTURE(body);
    RawClient client(server);
    client.send("POST / HTTP/1.1\r\nHost: x\r\n" + std::string(body));
    CHECK(client.receive().status == 413);
    CHECK(client.receive_all().empty());
  }
  RawClient client(server);
  client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n" +
              std::string(10, 'x'));
  CHECK(client.receive().status == 200);
}

TEST_CASE("request: a body that went wrong ends the connection",
          "[net][http][request]") {
  const Hub hub;
  std::vector<int> statuses;
  http::Server server(kAnyPort, [&](Request& request, Response& response) {
    for (int i = 0; i < 3; ++i) {
      try {
        (void)request.body();
      } catch (const HttpError& error) {
        statuses.push_back(error.status());
      }
    }
    response.send("I do not care");
  });
  server.start();
  RawClient client(server);
  client.send(kChunked + "x\r\n\r\n5\r\nhello\r\n0\r\n\r\n" + kNext);
  CHECK(client.receive().body == "I do not care");
  CHECK(client.receive_all().empty());
  CHECK(statuses == std::vector<int>{400, 400, 400});
}

TEST_CASE("request: what a handler does not read of a body is skipped",
          "[net][http][request]") {
  const Hub hub;
  http::Server server(kAnyPort, [](Request& request, Response& response) {
    response.send(request.target());
  });
  server.start();
  RawClient client(server);
  client.send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n");
  CHECK(client.receive().body == "/a");
  client.send("hello" + kNext + kChunked + "5\r\nhello\r\n0\r\n\r\n" + kNext);
  CHECK(client.receive().body == "/next");
  CHECK(client.receive().body == "/");
  CHECK(client.receive().body == "/next");

  SECTION("but not if it is large") {
    client.send(
        "POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n" +
        std::string(1'000'000, 'x') + kNext);
    CHECK(client.receive().body == "/b");
    CHECK(client.receive_all().empty());
  }
}

TEST_CASE("request: 100 Continue is sent at the first read, once",
          "[net][http][request]") {
  const Hub hub;
  http::Server server(kAnyPort, [](Request& request, Response& response) {
    if (request.target() == "/refuse") throw HttpError(403);
    echo(request, response);
  });
  server.start();
  const std::string head =
      " HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n"
      "\r\n";
  SECTION("a client that waits for it") {
    RawClient client(server);
    client.send("POST /a" + head);
    CHECK(client.receive_until("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n");
    client.send("he");
    client.send("llo" + kNext);
    CHECK(client.receive().body == "/a hello");
    CHECK(client.receive().body == "/next ");
  }
  SECTION("not if nobody reads: then the connection ends with the answer") {
    RawClient client(server);
    client.send("POST /refuse" + head);
    const auto reply = client.receive();
    CHECK(reply.status == 403);
    CHECK(reply.says("Connection: close"));
    client.send("hello" + kNext);
    CHECK(client.receive_all().empty());
  }
  SECTION("not in HTTP/1.0, not for other expectations, not without a body") {
    for (const char* request :
         {"POST / HTTP/1.0\r\nContent-Length: 2\r\nExpect: 100-continue\r\n"
          "\r\nhi",
          "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: more\r\n"
          "\r\nhi",
          "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n\r\n"}) {
      RawClient client(server);
      client.send(request);
      CHECK(client.receive().status == 200);
    }
  }
}

TEST_CASE("request: a client that leaves in the middle of a body is ClientGone",
          "[net][http][request]") {
  std::vector<std::string> reports;
  const Hub hub(
      {.handle_error = [&](const std::string& who, const std::exception_ptr&) {
        reports.push_back(who);
      }});
  int gone = 0;
  http::Server server(kAnyPort, [&](Request& request, Response&) {
    try {
      (void)request.body();
    } catch (const http::ClientGone&) {
      ++gone;
      throw;
    }
  });
  server.start();
  for (const std::string& part :
       {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhel"s,
        kChunked + "5\r\nhel", kChunked + "5\r\nhello\r\n", kChunked}) {
    RawClient client(server);
    client.send(part);
    client.shutdown();
    CHECK(client.receive_all().empty());
  }
  CHECK(gone == 4);
  CHECK(reports.empty());
}

}  // namespace
}  // namespace greenroom::test
