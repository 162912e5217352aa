// What gevent's pywsgi reads, number by number: README.md.

#include "../support/catch2.hpp"
#include "../support/raw_client.hpp"

#include <greenroom/runtime/core/hub.hpp>
#include <greenroom/runtime/net/http/server/server.hpp>

#include <string>
#include <vector>

namespace greenroom::test {
namespace {

using http::Request;
using http::Response;

const std::string kPost = "POST / HTTP/1.1\r\nHost: x\r\n";
const std::string kChunked = kPost + "Transfer-Encoding: chunked\r\n\r\n";
const std::string kLast =
    "GET /last HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

// Answers with the target and the body; keeps what it was asked for.
class Echo {
 public:
  explicit Echo(bool reads = true)
      : server_(net::Endpoint("127.0.0.1", 0),
                [this, reads](Request& request, Response& response) {
                  asked_.emplace_back(request.target());
                  response.send("<" + std::string(request.target()) + " " +
                                (reads ? request.body() : "") + ">");
                }) {
    server_.start();
  }

  // The bodies of all answers, or the status of a refusal.
  std::string operator()(const std::string& bytes) {
    asked_.clear();
    RawClient client(server_);
    client.send(bytes);
    client.shutdown();
    std::string all;
    for (auto reply = client.receive(); reply.status != 0;
         reply = client.receive())
      all += reply.status == 200 ? reply.body : std::to_string(reply.status);
    return all;
  }
  [[nodiscard]] std::size_t asked() const { return asked_.size(); }
  [[nodiscard]] const http::Server& server() const { return server_; }

 private:
  const Hub hub_;
  std::vector<std::string> asked_;
  http::Server server_;
};

std::string get(const std::string& line, const std::string& headers = "") {
  return line + "\r\nHost: x\r\n" + headers + "\r\n";
}

TEST_CASE("gevent 316: a request line is three words", "[conformance][http]") {
  Echo echo;  // pywsgi.BadRequestTests
  CHECK(echo(get("GET / HTTP/1.1 x")) == "400");
  CHECK(echo(get("GET /%x")) == "400");         // unlike gevent, no HTTP/0.9
  CHECK(echo(get("GET / HTTP/2.0")) == "505");  // unlike gevent's 400
  CHECK(echo(get("GET / XTTP/1.1")) == "400");
}

TEST_CASE(
    "gevent 317: a bad request is answered with 400, and its connection closed",
    "[conformance][http]") {
  Echo echo;
  const auto answer = ask(echo.server(), "hello\r\n\r\n" + kLast);
  CHECK(answer.starts_with("HTTP/1.1 400 Bad Request\r\n"));
  CHECK(answer.find("\r\nConnection: close\r\n") != std::string::npos);
  CHECK(answer.ends_with("no request line\n"));  // unlike gevent, says why
  CHECK(echo.asked() == 0);
}

TEST_CASE("gevent 318: a long request line is answered with 414",
          "[conformance][http]") {
  Echo echo;  // pywsgi.Test414; unlike gevent, only the target counts
  CHECK(echo(get("GET /" + std::string(8191, 'a') + " HTTP/1.1")) != "414");
  CHECK(echo(get("GET /" + std::string(8192, 'a') + " HTTP/1.1")) == "414");
}

TEST_CASE("gevent 319: a header that is too long is refused",
          "[conformance][http]") {
  Echo echo;  // unlike gevent, with 431, and the whole head counts
  CHECK(echo(get("GET / HTTP/1.1",
                 "A: " + std::string(20'000, 'a') + "\r\n")) == "431");
  std::string lines;
  for (int i = 0; i < 100; ++i) lines += "A: b\r\n";
  CHECK(echo(get("GET / HTTP/1.1", lines)) == "431");
}

TEST_CASE("gevent 320: a length is digits, and is given once",
          "[conformance][http]") {
  Echo echo;  // pywsgi.BadRequestTests.test_negative_content_length
  for (const char* length : {"-1", "x", "+5", "1_0", "5\r\nContent-Length: 6"})
    CHECK(echo(kPost + "Content-Length: " + length + "\r\n\r\nhello") == "400");
}

TEST_CASE("gevent 321: HEAD may have a body", "[conformance][http]") {
  // Unlike gevent, which answers 400: the body is read, and nothing more.
  Echo echo;
  RawClient client(echo.server());
  client.send("HEAD / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello" +
              kLast);
  CHECK(client.receive(false).says("Content-Length: 9"));
  CHECK(client.receive().body == "</last >");
}

TEST_CASE("gevent 322: a request has one Host, and lines that end with CR LF",
          "[conformance][http]") {
  Echo echo;  // unlike gevent, which takes none or several Hosts, and bare LF
  CHECK(echo("GET / HTTP/1.1\r\n\r\n") == "400");
  CHECK(echo("GET / HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n") == "400");
  CHECK(echo("GET / HTTP/1.1\nHost: x\n\n") == "400");
  CHECK(echo("brew / HTTP/1.1\r\nHost: x\r\n\r\n") == "</ >");
  CHECK(echo("\r\n" + get("GET / HTTP/1.1")) == "</ >");  // gevent: 400
}

TEST_CASE("gevent 324: all headers of the same name are kept",
          "[conformance][http]") {
  const Hub hub;  // pywsgi.MultipleCookieHeadersTest; unlike gevent, in a list
  std::string cookies;
  http::Server server({"127.0.0.1", 0}, [&](Request& request, Response&) {
    for (const auto& [name, value] : request.headers())
      if (name == "Cookie") cookies += std::string(value) + "; ";
  });
  server.start();
  RawClient client(server);
  client.send(get("GET / HTTP/1.1", "Cookie: a=1\r\nCookie: b=2\r\n"));
  CHECK(client.receive().status == 200);
  CHECK(cookies == "a=1; b=2; ");
}

TEST_CASE(
    "gevent 325, 326: folded lines and lines without a colon are answered with "
    "400",
    "[conformance][http]") {
  Echo echo;  // unlike gevent, which takes the first and drops the second
  CHECK(echo(get("GET / HTTP/1.1", "A: b\r\n c\r\n")) == "400");
  CHECK(echo(get("GET / HTTP/1.1", "no colon\r\n")) == "400");
  CHECK(echo("GET / HTTP/1.1\r\nHost: x\r\n") == "400");
  CHECK(echo.asked() == 0);
}

TEST_CASE("gevent 327, 328: the path is decoded, a missing header has no value",
          "[conformance][http]") {
  const Hub hub;  // pywsgi.TestInternational, TestInvalidEnviron
  std::string seen;
  http::Server server({"127.0.0.1", 0}, [&](Request& request, Response&) {
    seen = request.path() + " " + std::string(request.query());
    seen += request.header("Content-Length") ? " length" : "";
    seen += request.header("Content-Type") ? " type" : "";
  });
  server.start();
  RawClient client(server);
  client.send(get("GET /%D0%BF%D1%80?%D0 HTTP/1.1"));
  CHECK(client.receive().status == 200);
  CHECK(seen == "/\xd0\xbf\xd1\x80 %D0");
}

TEST_CASE(
    "gevent 329: an end before a request is silent, inside a request it is a "
    "400",
    "[conformance][http]") {
  Echo echo;
  CHECK(echo("").empty());
  CHECK(echo("GET /") == "400");
}

TEST_CASE("gevent 331: a request without a length has no body",
          "[conformance][http]") {
  Echo echo;  // pywsgi.TestInputN
  CHECK(echo(kPost + "\r\n" + kLast) == "</ ></last >");
}

TEST_CASE("gevent 332: the unread part of a body is skipped",
          "[conformance][http]") {
  Echo deaf(false);
  CHECK(deaf(kPost + "Content-Length: 5\r\n\r\nhello" + kLast) ==
        "</ ></last >");
}

TEST_CASE(
    "gevent 333, 343: if the connection ends inside a body, the read fails",
    "[conformance][http]") {
  Echo echo;  // pywsgi.TestInputRaw; unlike gevent, without a 500
  CHECK(echo(kPost + "Content-Length: 5\r\n\r\nhel").empty());
  CHECK(echo(kChunked + "5\r\nhel").empty());
  CHECK(echo(kChunked + "5\r\nhello\r\n").empty());
  CHECK(echo.asked() == 1);
}

TEST_CASE("gevent 334: a body is read up to its length",
          "[conformance][http]") {
  Echo echo;  // pywsgi.TestGetArg; lengths beyond 32 bits are too long here
  CHECK(echo(kPost + "Content-Length: 5\r\n\r\nhello" + kLast) ==
        "</ hello></last >");
  CHECK(echo(kPost + "Content-Length: 4294967301\r\n\r\nhello") == "413");
}

TEST_CASE("gevent 336: a chunked body is decoded", "[conformance][http]") {
  Echo echo;  // pywsgi.TestChunkedPost.test_014_chunked_post
  CHECK(echo(kChunked + "2\r\noh\r\n4\r\n hai\r\n0\r\n\r\n") == "</ oh hai>");
}

TEST_CASE("gevent 337: two lengths, or a coding besides chunked, are refused",
          "[conformance][http]") {
  Echo echo;  // unlike gevent: there "chunked" wins, "gzip, chunked" is no body
  CHECK(echo(kPost + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"
                     "0\r\n\r\n") == "400");
  CHECK(echo(kPost + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n") ==
        "501");
  CHECK(echo(kPost + "Transfer-Encoding: Chunked\r\n\r\n0\r\n\r\n") == "</ >");
}

TEST_CASE("gevent 338: the size of a chunk that is not hex digits is a 400",
          "[conformance][http]") {
  Echo echo;  // pywsgi.TestChunkedPost.test_229_incorrect_chunk_non_hex
  for (const char* size : {"x", "-1", "0x1", "11111111111111111", ""}) {
    std::string request = kChunked + size;
    request += "\r\nh\r\n0\r\n\r\n";
    CHECK(echo(request + kLast) == "400");
  }
}

TEST_CASE("gevent 339: chunk extensions are ignored, up to 8 KiB",
          "[conformance][http]") {
  Echo echo;  // pywsgi.TestChunkedPost.test_229_correct_chunk_quoted_ext
  CHECK(echo(kChunked + "2;token=oh\r\noh\r\n0;q=\"a b\"\r\n\r\n") == "</ oh>");
  CHECK(echo(kChunked + "2;token=" + std::string(8192, 'o') +
             "\r\noh\r\n0\r\n\r\n" + kLast) == "400");
}

TEST_CASE("gevent 340: a chunk without CR LF behind it is a 400",
          "[conformance][http]") {
  Echo echo;
  CHECK(echo(kChunked + "2\r\noh0\r\n\r\n" + kLast) == "400");
  CHECK(echo(kChunked + "2\noh\r\n0\r\n\r\n" + kLast) == "400");
}

TEST_CASE("gevent 341: trailers are ignored", "[conformance][http]") {
  Echo echo;  // pywsgi.TestChunkedPost.test_trailers_keepalive_ignored
  CHECK(echo(kChunked + "2\r\noh\r\n0\r\nA: b\r\n\r\n" + kLast) ==
        "</ oh></last >");
}

TEST_CASE("gevent 342: after wrong trailers nothing is executed",
          "[conformance][http]") {
  Echo echo;  // pywsgi.TestChunkedPost.test_trailers_request_smuggling

  for (const std::string& trailer :
       {std::string("GET /evil HTTP/1.1\r\nHost: x"), std::string("A b: c"),
        "A: " + std::string(8192, 'b')}) {
    std::string request = kChunked + "2\r\noh\r\n0\r\n";
    request += trailer;
    request += "\r\n\r\n";
    CHECK(echo(request + kLast) == "400");
    CHECK(echo.asked() == 1);
  }
}

TEST_CASE("gevent 344, 346: 100 Continue is sent at the first read, once",
          "[conformance][http]") {
  Echo echo;  // pywsgi.Expect100ContinueTests
  const std::string expects =
      kPost + "Content-Length: 2\r\nConnection: close\r\nExpect: ";
  const auto answer = ask(echo.server(), expects + "100-continue\r\n\r\noh");
  CHECK(answer.starts_with("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"));
  CHECK(ask(echo.server(), expects + "more\r\n\r\noh")
            .starts_with("HTTP/1.1 200 OK\r\n"));
  CHECK(echo.asked() == 2);
}

TEST_CASE("gevent 345: without a read there is no 100, and no next request",
          "[conformance][http]") {
  Echo deaf(false);  // unlike gevent, which waits for the body
  CHECK(deaf(kPost + "Content-Length: 3\r\nExpect: 100-continue\r\n\r\nabc" +
             kLast) == "</ >");
  CHECK(deaf.asked() == 1);
}

}  // namespace
}  // namespace greenroom::test
