#include "../../../../support/catch2.hpp"
#include "../../../../support/raw_client.hpp"

#include <greenroom/runtime/core/hub.hpp>
#include <greenroom/runtime/net/http/server/request_rules.hpp>
#include <greenroom/runtime/net/http/server/server.hpp>

#include <algorithm>
#include <string>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::string_literals;
using http::Request;
using http::Response;

// This follows a refused request, and must never be executed.
const std::string kEvil = "GET /evil HTTP/1.1\r\nHost: x\r\n\r\n";

// A server that reads bodies and keeps what it was asked for.
class Witness {
 public:
  Witness()
      : server_(net::Endpoint("127.0.0.1", 0),
                [this](Request& request, Response& response) {
                  asked_.emplace_back(request.target());
                  response.send("ok " + request.body());
                }) {
    server_.start();
  }

  // The status, and how often a handler was called for what follows.
  struct Outcome {
    int status;
    bool says_close;
    std::size_t evil;
    bool operator==(const Outcome&) const = default;
  };
  Outcome outcome_of(const std::string& bytes) {
    asked_.clear();
    RawClient client(server_);
    client.send(bytes + kEvil);
    const auto reply = client.receive();
    const auto rest = client.receive_all();
    return {reply.status, reply.says("Connection: close") && rest.empty(),
            static_cast<std::size_t>(
                std::count(asked_.begin(), asked_.end(), "/evil"))};
  }
  [[nodiscard]] const std::vector<std::string>& asked() const { return asked_; }
  [[nodiscard]] const http::Server& server() const { return server_; }

 private:
  std::vector<std::string> asked_;
  http::Server server_;
};

struct Case {
  int status;
  std::string bytes;
};

void check_refused(const std::vector<Case>& cases) {
  const Hub hub;
  Witness witness;
  for (const auto& [status, bytes] : cases) {
    CAPTURE(bytes);
    CHECK((witness.outcome_of(bytes) == Witness::Outcome{status, true, 0}));
  }
}

// A request line and a Host; then come header lines.
const std::string kPost = "POST / HTTP/1.1\r\nHost: x\r\n";

TEST_CASE("request rules: one length that every server understands, or 400",
          "[net][http][request_rules]") {
  check_refused({
      {400, kPost + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"
                    "0\r\n\r\n"},
      {400, kPost + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n"
                    "0\r\n\r\n"},
      {400, kPost + "Content-Length: 0\r\nContent-Length: 0\r\n\r\n"},
      {400, kPost + "Content-Length: 0\r\nContent-Length: 33\r\n\r\n"},
      {400, kPost + "Content-Length: 0, 0\r\n\r\n"},
      {400, kPost + "Content-Length: 0,33\r\n\r\n"},
      {400, kPost + "Content-Length: +5\r\n\r\n"},
      {400, kPost + "Content-Length: -1\r\n\r\n"},
      {400, kPost + "Content-Length: 1_0\r\n\r\n"},
      {400, kPost + "Content-Length: 0x5\r\n\r\n"},
      {400, kPost + "Content-Length: 5.0\r\n\r\n"},
      {400, kPost + "Content-Length: five\r\n\r\n"},
      {400, kPost + "Content-Length:\r\n\r\n"},
      {400, kPost + "Content-Length: 5 5\r\n\r\n"},
      {400, kPost + "Content-Length: 18446744073709551616\r\n\r\n"},
      {413, kPost + "Content-Length: 18446744073709551615\r\n\r\n"},
      {413, kPost + "Content-Length: 99999999999\r\n\r\n"},
  });
}

TEST_CASE("request rules: no transfer coding but chunked, once, in HTTP/1.1",
          "[net][http][request_rules]") {
  check_refused({
      {501, kPost + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"},
      {501, kPost + "Transfer-Encoding: gzip\r\n\r\n0\r\n\r\n"},
      {501, kPost + "Transfer-Encoding: identity\r\n\r\n0\r\n\r\n"},
      {501, kPost + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"},
      {501, kPost + "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n"},
      {501, kPost + "Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n"},
      {501, kPost + "Transfer-Encoding:\r\n\r\n0\r\n\r\n"},
      {400, kPost + "Transfer-Encoding: chunked\r\n"
                    "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
      {400, kPost + "Transfer-Encoding: chunked\r\n"
                    "Transfer-Encoding: identity\r\n\r\n0\r\n\r\n"},
      {400, kPost + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n"},
      {400, kPost + "Transfer-Encoding: \vchunked\r\n\r\n0\r\n\r\n"},
      {400,
       "POST / HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
       "0\r\n\r\n"},
  });
}

TEST_CASE("request rules: header lines are what the grammar says, or 400",
          "[net][http][request_rules]") {
  const std::string get = "GET / HTTP/1.1\r\nHost: x\r\n";
  check_refused({
      {400, get + "A: b\r\n folded\r\n\r\n"},
      {400, get + "A: b\r\n\tfolded\r\n\r\n"},
      {400, get + " A: b\r\n\r\n"},
      {400, get + "A: b\n\r\n"},
      {400, get + "A: b\nHost: y\r\n\r\n"},
      {400, get + "A: b\rc\r\n\r\n"},
      {400, get + "A: b\r\r\n\r\n"},
      {400, get + "A: b\0c\r\n\r\n"s},
      {400, get + "A\0: b\r\n\r\n"s},
      {400, get + "A: b\x01\r\n\r\n"},
      {400, get + "A: b\x7f\r\n\r\n"},
      {400, get + "A : b\r\n\r\n"},
      {400, get + "A\t: b\r\n\r\n"},
      {400, get + "A b: c\r\n\r\n"},
      {400, get + "A\xe4: c\r\n\r\n"},
      {400, get + "A(b): c\r\n\r\n"},
      {400, get + "no colon\r\n\r\n"},
      {400, get + ": no name\r\n\r\n"},
      {400, "GET / HTTP/1.1\nHost: x\n\n"},
      {431, get + "A: " + std::string(17000, 'a') + "\r\n\r\n"},
      {431, get +
                [] {
                  std::string lines;
                  for (int i = 0; i < 101; ++i) lines += "A: b\r\n";
                  return lines;
                }() +
                "\r\n"},
  });
}

TEST_CASE("request rules: one Host in HTTP/1.1, with a host's characters",
          "[net][http][request_rules]") {
  check_refused({
      {400, "GET / HTTP/1.1\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\nHost: x\r\nhost: y\r\n\r\n"},
      {400, "GET / HTTP/1.0\r\nHost: x\r\nHost: y\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\nHost: x y\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\nHost: x/y\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\nHost: me@x\r\n\r\n"},
  });
}

TEST_CASE("request rules: a request line has three words, the last a version",
          "[net][http][request_rules]") {
  const std::string host = "Host: x\r\n\r\n";
  check_refused({
      {400, "hello\r\n"},
      {400, "GET\r\n" + host},
      {400, "GET /\r\n" + host},
      {400, "GET  / HTTP/1.1\r\n" + host},
      {400, "GET /  HTTP/1.1\r\n" + host},
      {400, "GET / HTTP/1.1 \r\n" + host},
      {400, " GET / HTTP/1.1\r\n" + host},
      {400, "GET /a b HTTP/1.1\r\n" + host},
      {400, "GET\t/ HTTP/1.1\r\n" + host},
      {400, "GET / http/1.1\r\n" + host},
      {400, "GET / HTTP/1.10\r\n" + host},
      {400, "GET / HTTP/+1.1\r\n" + host},
      {400, "GET / HTTP/1\r\n" + host},
      {400, "G\"T / HTTP/1.1\r\n" + host},
      {400, "G\0T / HTTP/1.1\r\n"s + host},
      {400, "GET /\0 HTTP/1.1\r\n"s + host},
      {400, "GET /\x01 HTTP/1.1\r\n" + host},
      {400, "GET /\x7f HTTP/1.1\r\n" + host},
      {400, "GET evil HTTP/1.1\r\n" + host},
      {400, "GET * HTTP/1.1\r\n" + host},
      {505, "GET / HTTP/1.2\r\n" + host},
      {505, "GET / HTTP/2.0\r\n" + host},
      {505, "GET / HTTP/0.9\r\n" + host},
      {505, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"},
      {414, "GET /" + std::string(8192, 'a') + " HTTP/1.1\r\n" + host},
      {414, "GET /" + std::string(20000, 'a') + " HTTP/1.1\r\n" + host},
      {501, "CONNECT x:80 HTTP/1.1\r\n" + host},
  });
}

TEST_CASE("request rules: a head that ends too early is 400",
          "[net][http][request_rules]") {
  const Hub hub;
  Witness witness;
  for (const char* bytes :
       {"G", "GET / HTTP/1.1\r\n", "GET / HTTP/1.1\r\nHost: x\r\n", "\r"}) {
    CAPTURE(bytes);
    RawClient client(witness.server());
    client.send(bytes);
    client.shutdown();
    CHECK(client.receive().status == 400);
    CHECK(client.receive_all().empty());
  }
  CHECK(witness.asked().empty());
}

TEST_CASE("request rules: what is unusual but right is served",
          "[net][http][request_rules]") {
  const Hub hub;
  Witness witness;
  const std::string end = " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
  for (const std::string& bytes :
       {"GET /" + std::string(8191, 'a') + end, "get /" + end,
        "BREW /pot" + end, "OPTIONS *" + end, "GET http://x/a?b" + end,
        "GET /\xc3\xa4" + end, "GET /a?\"<>|" + end, "\r\nGET /" + end,
        "\r\n\r\n\r\nGET /" + end, "GET / HTTP/1.0\r\n\r\n"s,
        "GET / HTTP/1.0\r\nHost:\r\n\r\n"s,
        "GET / HTTP/1.1\r\nHost: [::1]:80\r\nConnection: close\r\n\r\n"s,
        "GET / HTTP/1.1\r\nHost:x\r\nA:\r\nA: \t b\tc \t\r\nA_b: \xff\r\n"
        "Connection: close\r\n\r\n"s,
        kPost + "Content-Length: 005\r\nConnection: close\r\n\r\nhello",
        kPost + "Transfer-Encoding: CHUNKED\r\nConnection: close\r\n\r\n"
                "5\r\nhello\r\n0\r\n\r\n"}) {
    CAPTURE(bytes);
    CHECK(ask(witness.server(), bytes).substr(0, 15) == "HTTP/1.1 200 OK");
  }
  CHECK(witness.asked().size() == 15);
}

TEST_CASE("request rules: the path of an absolute target is its own",
          "[net][http][request_rules]") {
  const Hub hub;
  std::vector<std::string> paths;
  http::Server server({"127.0.0.1", 0}, [&](Request& request, Response&) {
    paths.push_back(request.path() + " " + std::string(request.query()));
  });
  server.start();
  RawClient client(server);
  for (const char* target :
       {"http://x/a%20b?c=d", "http://x", "http://x?c", "/a://b/c"}) {
    client.send("GET " + std::string(target) + " HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(client.receive().status == 200);
  }
  CHECK(paths ==
        std::vector<std::string>{"/a b c=d", "/ ", "/ c", "/a://b/c "});
}

}  // namespace
}  // namespace greenroom::test
