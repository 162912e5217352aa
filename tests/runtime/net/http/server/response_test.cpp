#include "../../../../support/catch2.hpp"
#include "../../../../support/raw_client.hpp"
#include "../../../../support/reported.hpp"

#include <greenroom/runtime/core/hub.hpp>
#include <greenroom/runtime/net/http/server/response.hpp>
#include <greenroom/runtime/net/http/server/server.hpp>
#include <greenroom/runtime/sync/queue.hpp>
#include <greenroom/runtime/tasks/spawn.hpp>

#include <chrono>
#include <stdexcept>
#include <string>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;
using http::Request;
using http::Response;
using Reply = RawClient::Reply;

// What a handler of this one request answers, and that the connection goes on.
Reply reply_of(const http::Server::Handler& handler,
               const std::string& request = kGet, bool has_body = true) {
  http::Server server(kAnyPort, handler);
  server.start();
  RawClient client(server);
  client.send(request);
  auto reply = client.receive(has_body);
  if (!reply.says("Connection: close")) {
    client.send(request);
    CHECK(client.receive(has_body).status == reply.status);
  }
  server.stop();
  return reply;
}

TEST_CASE("response: in one piece it has a length", "[net][http][response]") {
  const Hub hub;
  std::vector<bool> begun;
  const auto reply = reply_of([&](Request&, Response& response) {
    response.set_status(201);
    response.set_header("X-One", "1");
    response.add_header("X-One", "2");
    begun.push_back(response.has_begun());
    response.send("<p>", "text/html");
    begun.push_back(response.has_begun());
  });
  CHECK(begun == std::vector<bool>{false, true, false, true});
  CHECK(reply.head.substr(0, 22) == "HTTP/1.1 201 Created\r\n");
  CHECK(reply.says("Content-Length: 3"));
  CHECK(reply.says("Content-Type: text/html"));
  CHECK(reply.says("X-One: 1"));
  CHECK(reply.says("X-One: 2"));
  CHECK(reply.head.find("\r\nDate: ") != std::string::npos);
  CHECK(reply.head.find("Connection") == std::string::npos);
  CHECK(reply.body == "<p>");
}

TEST_CASE("response: piece by piece it is chunked, each piece sent at once",
          "[net][http][response]") {
  const Hub hub;
  Queue<std::string> pieces;
  http::Server server(kAnyPort, [&](Request&, Response& response) {
    for (;;) {
      const auto piece = pieces.get();
      if (piece == "end") return;
      response.write(piece);
    }
  });
  server.start();
  RawClient client(server);
  client.send(kGet);
  pieces.put("");  // the head
  CHECK(client.receive_until("\r\n\r\n")
            .find("\r\nTransfer-Encoding: chunked\r\n") != std::string::npos);
  for (const char* piece : {"one ", "", "two"}) {
    pieces.put(piece);
    if (*piece == '\0') continue;  // says nothing, and ends nothing
    const std::string chunk = std::string(piece) + "\r\n";
    CHECK(client.receive_until(chunk) ==
          std::to_string(chunk.size() - 2) + "\r\n" + chunk);
  }
  pieces.put("end");
  CHECK(client.receive_until("\r\n\r\n") == "0\r\n\r\n");
}

TEST_CASE("response: a handler that sends nothing has sent an empty body",
          "[net][http][response]") {
  const Hub hub;
  const auto reply = reply_of([](Request&, Response&) {});
  CHECK(reply.status == 200);
  CHECK(reply.says("Content-Length: 0"));
}

TEST_CASE("response: a declared length is kept, or the connection is cut",
          "[net][http][response]") {
  Reported reported;
  const Hub hub(reported.options());
  const auto declares = [](const char* length, const char* body) {
    return [=](Request&, Response& response) {
      response.set_header("Content-Length", length);
      for (const char* byte = body; *byte != '\0'; ++byte)
        response.write({byte, 1});
    };
  };
  const auto right = reply_of(declares("3", "abc"));
  CHECK(right.says("Content-Length: 3"));
  CHECK(right.body == "abc");

  for (const auto& handler : {declares("5", "abc"), declares("2", "abc")}) {
    http::Server server(kAnyPort, handler);
    server.start();
    RawClient client(server);
    client.send(kGet + kGet);
    const auto all = client.receive_all();
    CHECK(all.find("HTTP", 1) == std::string::npos);
    CHECK(all.find("\r\n\r\nab") != std::string::npos);
  }
  REQUIRE(reported.all().size() == 1);
  CHECK_THAT(reported.all()[0],
             EndsWith(": the body is longer than its Content-Length"));

  for (const char* length : {"", "x", "-1", "+1", "1, 1"})
    CHECK(reply_of(declares(length, "a")).status == 500);
  CHECK(reported.all().size() == 6);
}

TEST_CASE("response: HEAD has the head of GET, and no body",
          "[net][http][response]") {
  const Hub hub;
  const std::string head = "HEAD / HTTP/1.1\r\nHost: x\r\n\r\n";
  CHECK(reply_of([](Request&, Response& response) { response.send("12345"); },
                 head, false)
            .says("Content-Length: 5"));
  CHECK(reply_of([](Request&, Response& response) { response.write("12345"); },
                 head, false)
            .says("Transfer-Encoding: chunked"));
  CHECK(reply_of(
            [](Request&, Response& response) {
              response.set_header("Content-Length", "7");
            },
            head, false)
            .says("Content-Length: 7"));
  CHECK(reply_of([](Request&, Response&) { throw http::HttpError(404, "no"); },
                 head, false)
            .says("Content-Length: 2"));
}

TEST_CASE("response: 204 and 304 have neither body nor length",
          "[net][http][response]") {
  Reported reported;
  const Hub hub(reported.options());
  for (const int status : {204, 304}) {
    const auto reply = reply_of([=](Request&, Response& response) {
      response.set_status(status);
      response.set_header("Content-Length", "5");
      response.write("");
    });
    CHECK(reply.status == status);
    CHECK(reply.head.find("Content-Length") == std::string::npos);
    CHECK(reply.head.find("Transfer-Encoding") == std::string::npos);

    CHECK(reply_of([=](Request&, Response& response) {
            response.set_status(status);
            response.send("body");
          }).status == 500);
    CHECK_THAT(
        reported.all().back(),
        EndsWith("an answer of " + std::to_string(status) + " has no body"));
  }
}

TEST_CASE("response: HTTP/1.0 knows no chunks, and keeps nothing unasked",
          "[net][http][response]") {
  const Hub hub;
  const auto once = [](Request&, Response& response) { response.send("once"); };
  const auto pieces = [](Request&, Response& response) {
    response.write("one ");
    response.write("two");
  };
  const std::string get = "GET / HTTP/1.0\r\n";
  const std::string keep = get + "Connection: keep-alive\r\n\r\n";
  const auto closed = reply_of(once, get + "\r\n");
  CHECK(closed.says("Connection: close"));
  CHECK(closed.head.substr(0, 9) == "HTTP/1.1 ");
  const auto kept = reply_of(once, keep);
  CHECK(kept.says("Connection: keep-alive"));
  CHECK(kept.body == "once");
  const auto stream = reply_of(pieces, keep);
  CHECK(stream.says("Connection: close"));
  CHECK(stream.head.find("Transfer-Encoding") == std::string::npos);
  CHECK(stream.body == "one two");
}

TEST_CASE("response: a client that asks for the end of the connection gets it",
          "[net][http][response]") {
  const Hub hub;
  const auto plain = [](Request&, Response& response) { response.send("x"); };
  CHECK(
      reply_of(plain, "GET / HTTP/1.1\r\nHost: x\r\nConnection: Close\r\n\r\n")
          .says("Connection: close"));
  CHECK(reply_of([](Request&, Response& response) {
          response.close_connection();
        }).says("Connection: close"));
  http::Server server(kAnyPort, [](Request&, Response& response) {
    response.set_header("Connection", "close");
    response.send("x");
  });
  server.start();
  CHECK(ask(server, kGet + kGet).find("HTTP", 1) == std::string::npos);
}

TEST_CASE("response: a Date of the handler's is not replaced",
          "[net][http][response]") {
  const Hub hub;
  const auto reply = reply_of([](Request&, Response& response) {
    response.set_header("Date", "today");
  });
  CHECK(reply.says("Date: today"));
  CHECK(reply.head.find("Date") == reply.head.rfind("Date"));
}

TEST_CASE("response: what would not be HTTP is refused before it is sent",
          "[net][http][response]") {
  const Hub hub;
  int refused = 0;
  const auto reply = reply_of([&](Request&, Response& response) {
    const auto refuses = [&](auto call) {
      try {
        call();
      } catch (const std::invalid_argument&) {
        ++refused;
      }
    };
    for (const char* name :
         {"", "a b", "a:b", "a\r\nB", "a\n", "\xe4", "Transfer-Encoding"})
      refuses([&] { response.set_header(name, "x"); });
    for (const char* value : {"x\r\nSet-Cookie: y", "x\ny", "x\r", "x\x7f"}) {
      refuses([&] { response.set_header("X", value); });
      refuses([&] { response.add_header("X", value); });
      refuses([&] { response.send("", value); });
    }
    for (const int status : {0, 100, 199, 600, -200})
      refuses([&] { response.set_status(status); });
    refuses([&] { throw http::HttpError(200); });
    response.send("whole");
  });
  CHECK(refused == 2 * (7 + 12 + 5 + 1));  // asked twice
  CHECK(reply.body == "whole");
  CHECK(reply.head.find("X:") == std::string::npos);
}

TEST_CASE(
    "response: nothing can be said after the end, or changed after the "
    "beginning",
    "[net][http][response]") {
  const Hub hub;
  int refused = 0;
  const auto reply = reply_of([&](Request&, Response& response) {
    const auto refuses = [&](auto call) {
      try {
        call();
      } catch (const std::logic_error&) {
        ++refused;
      }
    };
    response.send("all");
    refuses([&] { response.send("more"); });
    refuses([&] { response.write("more"); });
    refuses([&] { response.set_status(404); });
    refuses([&] { response.set_header("X", "y"); });
  });
  CHECK(refused == 8);  // asked twice
  CHECK(reply.body == "all");
}

TEST_CASE("response: an error before the first byte is 500 and reported",
          "[net][http][response]") {
  Reported reported;
  const Hub hub(reported.options());
  const auto reply = reply_of([](Request&, Response& response) {
    response.set_status(201);
    response.set_header("X-Secret", "1");
    throw std::runtime_error("no disk");
  });
  CHECK(reply.status == 500);
  CHECK(reply.says("Connection: close"));
  CHECK(reply.body == "Internal Server Error\n");
  CHECK(reply.head.find("X-Secret") == std::string::npos);
  REQUIRE(reported.all().size() == 1);
  CHECK_THAT(reported.all()[0], EndsWith(": no disk"));
}

TEST_CASE("response: an error after the first byte cuts the answer",
          "[net][http][response]") {
  Reported reported;
  const Hub hub(reported.options());
  http::Server server(kAnyPort, [](Request& request, Response& response) {
    response.write("half");
    if (request.path() == "/http") throw http::HttpError(404);
    throw std::runtime_error("no disk");
  });
  server.start();
  for (const char* line : {"GET / HTTP/1.1\r\n", "GET /http HTTP/1.1\r\n"}) {
    RawClient client(server);
    client.send(line + ("Host: x\r\n\r\n" + kGet));
    CHECK(client.receive().body == "half[cut]");
    CHECK(client.receive_all().empty());
  }
  REQUIRE(reported.all().size() == 1);
  CHECK_THAT(reported.all()[0], EndsWith(": no disk"));
}

TEST_CASE("response: HttpError is an answer, and the connection goes on",
          "[net][http][response]") {
  Reported reported;
  const Hub hub(reported.options());
  const auto reply = reply_of([](Request&, Response& response) {
    response.set_header("X-Before", "1");
    throw http::HttpError(404, "no such page");
  });
  CHECK(reply.status == 404);
  CHECK(reply.body == "no such page");
  CHECK(reply.head.find("X-Before") == std::string::npos);
  CHECK(reply.head.find("Connection") == std::string::npos);
  CHECK(reply_of([](Request&, Response&) {
          throw http::HttpError(403);
        }).body == "Forbidden\n");
  CHECK(reported.all().empty());
}

}  // namespace
}  // namespace greenroom::test
