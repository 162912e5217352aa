#include "../../../../support/catch2.hpp"

#include <greenroom/runtime/core/hub.hpp>
#include <greenroom/runtime/net/http/client/client.hpp>
#include <greenroom/runtime/net/http/server/server.hpp>
#include <greenroom/runtime/net/listener.hpp>
#include <greenroom/runtime/net/tcp_socket.hpp>
#include <greenroom/runtime/sync/event.hpp>
#include <greenroom/runtime/tasks/join.hpp>
#include <greenroom/runtime/tasks/spawn.hpp>
#include <greenroom/runtime/tasks/timeout.hpp>

#include <array>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;
using http::Request;
using http::Response;

// A server of its own for each test.
class Site {
 public:
  explicit Site(http::Server::Handler handler)
      : server_(net::Endpoint("127.0.0.1", 0), std::move(handler)) {
    server_.start();
  }

  [[nodiscard]] std::string url(const std::string& target = "/") const {
    return "http://" + server_.endpoint().to_string() + target;
  }
  void stop() { server_.stop(); }

 private:
  http::Server server_;
};

// A server that answers the same on each connection, whatever the request, and
// hangs up.
class Parrot {
 public:
  explicit Parrot(std::string words)
      : listener_(net::Endpoint("127.0.0.1", 0)),
        greenlet_(spawn([this, words = std::move(words)] {
          for (;;) {
            net::TcpSocket socket(listener_.accept().descriptor);
            std::array<char, 4096> request{};
            (void)socket.read_some(request);
            ++asked_;
            socket.write(words);
          }
        })) {}
  Parrot(const Parrot&) = delete;
  Parrot& operator=(const Parrot&) = delete;
  ~Parrot() { greenlet_->kill_soon(); }

  [[nodiscard]] std::string url() const {
    return "http://" + listener_.local_endpoint().to_string() + "/";
  }
  [[nodiscard]] int asked() const { return asked_; }

 private:
  net::Listener listener_;
  int asked_ = 0;
  GreenletPtr greenlet_;
};

TEST_CASE("http client: gets a page", "[net][http][client]") {
  const Hub hub;
  Site site([](Request& request, Response& response) {
    response.set_status(201);
    response.set_header("X-Path", request.path());
    response.send("<b>hello</b>", "text/html");
  });
  const auto answer = http::get(site.url("/a%20b?c"));
  CHECK(answer.status == 201);
  CHECK(answer.body == "<b>hello</b>");
  CHECK(answer.header("content-TYPE") == "text/html");
  CHECK(answer.header("x-path") == "/a b");
  CHECK_FALSE(answer.header("X-None").has_value());
  CHECK(answer.url == site.url("/a%20b?c"));
}

TEST_CASE("http client: posts a body, in one piece or piece by piece",
          "[net][http][client]") {
  const Hub hub;
  Site site([](Request& request, Response& response) {
    const bool is_chunked = request.header("Transfer-Encoding") == "chunked";
    response.send(std::string(request.method()) + (is_chunked ? " " : " not ") +
                  "chunked: " + request.body());
  });
  CHECK(http::post(site.url(), "hello").body == "POST not chunked: hello");
  CHECK(http::post(site.url(), "").body == "POST not chunked: ");
  int left = 3;
  const auto answer = http::request(
      "PUT", site.url(), {.body_source = [&](std::span<char> buffer) {
        sleep(1ms);
        if (left-- == 0) return std::size_t{0};
        buffer[0] = 'x';
        return std::size_t{1};
      }});
  CHECK(answer.body == "PUT chunked: xxx");
}

TEST_CASE("http client: HEAD has no body", "[net][http][client]") {
  const Hub hub;
  Site site([](Request&, Response& response) { response.send("12345"); });
  http::Client client;
  const auto answer = client.head(site.url());
  CHECK(answer.header("Content-Length") == "5");
  CHECK(answer.body.empty());
  CHECK(client.get(site.url()).body == "12345");
}

TEST_CASE("http client: keeps its connection for the next request",
          "[net][http][client]") {
  const Hub hub;
  std::vector<std::uint16_t> ports;
  Site site([&](Request& request, Response& response) {
    ports.push_back(request.peer().port());
    response.send("x");
  });
  http::Client client;
  for (int i = 0; i < 3; ++i) client.get(site.url());
  CHECK(client.kept() == 1);
  CHECK(ports == std::vector<std::uint16_t>(3, ports.at(0)));
}

TEST_CASE("http client: a kept connection that the server closed is replaced",
          "[net][http][client]") {
  const Hub hub;
  Parrot parrot("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
  http::Client client;
  for (int i = 0; i < 3; ++i) CHECK(client.get(parrot.url()).body == "hi");
  CHECK(parrot.asked() == 3);
}

TEST_CASE("http client: several greenlets ask at once, each on its own",
          "[net][http][client]") {
  const Hub hub;
  int together = 0;
  Event all_have_asked;
  Site site([&](Request& request, Response& response) {
    if (++together == 10) all_have_asked.set();
    all_have_asked.wait(30s);
    response.send(request.path());
  });
  http::Client client;
  std::vector<boost::intrusive_ptr<GreenletOf<std::string>>> all;
  for (int i = 0; i < 10; ++i)
    all.push_back(spawn(
        [&, i] { return client.get(site.url("/" + std::to_string(i))).body; }));
  for (std::size_t i = 0; i < all.size(); ++i)
    CHECK(all[i]->get() == "/" + std::to_string(i));
  CHECK(all_have_asked.is_set());
  CHECK(client.kept() == 8);
}

TEST_CASE("http client: an answer can be read while it arrives",
          "[net][http][client]") {
  const Hub hub;
  Site site([](Request&, Response& response) {
    for (const char* piece : {"one", "two", "three"}) {
      response.write(piece);
      sleep(1ms);
    }
  });
  http::Client client;
  auto stream = client.open("GET", site.url());
  CHECK(stream.status() == 200);
  CHECK(stream.header("Transfer-Encoding") == "chunked");
  std::string body;
  std::array<char, 2> piece{};
  while (const auto count = stream.read_some(piece))
    body.append(piece.data(), count);
  CHECK(body == "onetwothree");
}

TEST_CASE("http client: follows redirects, but not for ever",
          "[net][http][client]") {
  const Hub hub;
  Site site([](Request& request, Response& response) {
    if (request.path() == "/end") {
      response.send(std::string(request.method()) + " " + request.body());
      return;
    }
    response.set_status(request.path() == "/303" ? 303 : 302);
    response.set_header("Location",
                        request.path() == "/round" ? "/round" : "end");
    response.send("elsewhere");
  });
  CHECK(http::get(site.url("/start")).body == "GET ");
  CHECK(http::get(site.url("/start")).url == site.url("/end"));
  CHECK(http::post(site.url("/303"), "x").body == "GET ");
  CHECK(http::post(site.url("/start"), "x").status == 302);
  CHECK_THROWS_AS(http::get(site.url("/round")), http::BadResponse);
  http::Client stays({.redirects = 0});
  CHECK(stays.get(site.url("/start")).status == 302);
}

TEST_CASE("http client: secrets are not sent to another server",
          "[net][http][client]") {
  const Hub hub;
  std::vector<bool> knew;
  Site other([&](Request& request, Response& response) {
    knew.push_back(request.header("Authorization").has_value());
    response.send("x");
  });
  Site site([&](Request& request, Response& response) {
    knew.push_back(request.header("Authorization").has_value());
    response.set_status(302);
    response.set_header("Location", other.url());
    response.send("");
  });
  http::get(site.url(), {.headers = {{"Authorization", "Basic abc"}}});
  CHECK(knew == std::vector<bool>{true, false});
}

TEST_CASE("http client: what is not HTTP is a BadResponse",
          "[net][http][client]") {
  const Hub hub;
  for (const char* words :
       {"hello\r\n\r\n", "", "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhi",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n"}) {
    CAPTURE(words);
    Parrot parrot(words);
    CHECK_THROWS_AS(http::get(parrot.url()), http::BadResponse);
  }
}

TEST_CASE("http client: interim answers are not the answer",
          "[net][http][client]") {
  const Hub hub;
  Parrot parrot(
      "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
  CHECK(http::get(parrot.url()).body == "hi");
}

TEST_CASE("http client: its limits are enforced, each with its own error",
          "[net][http][client]") {
  const Hub hub;
  Site site([](Request& request, Response& response) {
    if (request.path() == "/slow") sleep(1h);
    response.send(std::string(1001, 'x'));
  });
  http::Client small({.body_size = 1000});
  CHECK_THROWS_AS(small.get(site.url()), http::BadResponse);
  try {
    http::get(site.url("/slow"), {.limit = 5ms});
    FAIL("it was slow");
  } catch (const std::system_error& error) {
    CHECK(error.code() == std::errc::timed_out);
  }
  http::Client impatient({.read_time = 5ms});
  CHECK_THROWS_AS(impatient.get(site.url("/slow")), std::system_error);
}

TEST_CASE("http client: a request that cannot be sent is refused",
          "[net][http][client]") {
  const Hub hub;
  CHECK_THROWS_AS(http::get("ws://127.0.0.1/"), std::invalid_argument);
  CHECK_THROWS_AS(http::get("no url"), std::invalid_argument);
  Site site([](Request&, Response& response) { response.send("x"); });
  CHECK_THROWS_AS(http::get(site.url(), {.headers = {{"X", "a\r\nY: b"}}}),
                  std::invalid_argument);
  CHECK_THROWS_AS(http::get("http://127.0.0.1:1/"), std::system_error);
}

}  // namespace
}  // namespace greenroom::test
