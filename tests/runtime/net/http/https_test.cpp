// HTTP and WebSocket over TLS, on both sides.

#include "../../../support/catch2.hpp"
#include "../../../support/test_certificates.hpp"

#include <greenroom/runtime/core/errors.hpp>
#include <greenroom/runtime/core/hub.hpp>
#include <greenroom/runtime/net/http/client/client.hpp>
#include <greenroom/runtime/net/http/server/server.hpp>
#include <greenroom/runtime/net/http/websocket/websocket.hpp>
#include <greenroom/runtime/net/process/completed_process.hpp>
#include <greenroom/runtime/net/servers/stream_server.hpp>
#include <greenroom/runtime/net/tcp_socket.hpp>
#include <greenroom/runtime/net/tls/tls_socket.hpp>
#include <greenroom/runtime/sync/event.hpp>
#include <greenroom/runtime/tasks/group.hpp>
#include <greenroom/runtime/tasks/spawn.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;

net::TlsContext context() {
  const auto& files = TestCertificates::get();
  return net::TlsContext(net::TlsServerOptions{
      .certificate_chain_file = files.chain(), .key_file = files.key()});
}

std::shared_ptr<const net::TlsContext> believer() {
  return std::make_shared<const net::TlsContext>(
      net::TlsClientOptions{.ca_file = TestCertificates::get().authority()});
}

// Answers each request of each connection, by its number there; greenroom's
// server has no part in it.
class Counter {
 public:
  Counter()
      : server_(net::Endpoint("127.0.0.1", 0),
                net::tls_handler(
                    context(), [](net::Stream& client, const net::Endpoint&) {
                      std::array<char, 4096> request{};
                      for (int i = 1; client.read_some(request) != 0; ++i)
                        client.write(
                            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n" +
                            std::to_string(i));
                    })) {
    server_.start();
  }

  [[nodiscard]] std::string url(std::string_view host) const {
    return "https://" + std::string(host) + ":" +
           std::to_string(server_.endpoint().port()) + "/";
  }

 private:
  net::StreamServer server_;
};

http::ServerOptions encrypted(http::Limits limits = {}) {
  return {.limits = limits,
          .tls = std::make_shared<const net::TlsContext>(context())};
}

// greenroom's server.
class Site {
 public:
  explicit Site(http::Server::Handler handler, http::Limits limits = {})
      : server_({"127.0.0.1", 0}, std::move(handler), encrypted(limits)) {
    server_.start();
  }

  [[nodiscard]] const http::Server& server() const { return server_; }
  void stop(Duration grace) { server_.stop(grace); }
  [[nodiscard]] net::Endpoint endpoint() const { return server_.endpoint(); }
  [[nodiscard]] std::string at(std::string_view scheme) const {
    return std::string(scheme) +
           "://localhost:" + std::to_string(endpoint().port()) + "/";
  }
  // A client that has shaken hands.
  [[nodiscard]] net::TlsSocket connect() const {
    auto socket = net::TlsSocket::connect("localhost", endpoint().port(),
                                          *believer(), 30s);
    socket.set_timeout(30s);
    return socket;
  }

 private:
  http::Server server_;
};

void say_path(http::Request& request, http::Response& response) {
  response.send(request.path());
}

http::ClientOptions believes() { return {.tls = believer()}; }

std::string head_of(std::string_view path) {
  return "GET " + std::string(path) + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
}

TEST_CASE("https: an answer comes, and its connection is kept",
          "[net][http][tls]") {
  const Hub hub;
  const Counter site;
  http::Client client(believes());
  CHECK(client.get(site.url("localhost")).body == "1");
  CHECK(client.kept() == 1);
  CHECK(client.get(site.url("localhost")).body == "2");
  CHECK(client.get(site.url("127.0.0.1")).body == "1");
  CHECK(client.kept() == 2);
}

TEST_CASE("https: a server that is not trusted is told nothing",
          "[net][http][tls]") {
  const Hub hub(HubOptions{
      .handle_error = [](const std::string&, const std::exception_ptr&) {}});
  const Counter site;
  CHECK_THROWS_WITH(http::get(site.url("localhost")),
                    Contains("certificate verify failed"));
}

TEST_CASE("https: a request tells whether it was encrypted",
          "[net][http][tls]") {
  const Hub hub;
  const auto tell = [](http::Request& request, http::Response& response) {
    response.send(request.is_secure() ? "https" : "http");
  };
  const Site secure(tell);
  CHECK(http::Client(believes()).get(secure.at("https")).body == "https");
  http::Server plain({"127.0.0.1", 0}, tell);
  plain.start();
  CHECK(http::get("http://" + plain.endpoint().to_string()).body == "http");
}

TEST_CASE("https: plain HTTP and TLS do not mix", "[net][http][tls]") {
  const Hub hub(HubOptions{
      .handle_error = [](const std::string&, const std::exception_ptr&) {}});
  const Counter site;
  http::Client client(believes());
  CHECK(client.get(site.url("localhost")).body == "1");
  const auto plain = "http" + site.url("localhost").substr(5);
  CHECK_THROWS(client.get(plain));
}

// ---- http::Server

TEST_CASE("https: a server answers curl", "[net][http][tls]") {
  const Hub hub;
  const Site site(&say_path);
  CHECK(net::check_output({"curl", "--silent", "--show-error", "--cacert",
                           TestCertificates::get().authority(),
                           site.at("https") + "one",
                           site.at("https") + "two"}) == "/one/two");
}

TEST_CASE("https: bodies of many records go both ways", "[net][http][tls]") {
  const Hub hub;
  const Site site([](http::Request& request, http::Response& response) {
    response.send(request.body());
  });
  http::Client client(believes());
  const std::string much(1'000'000, 'x');
  CHECK(client.post(site.at("https"), much).body == much);
  CHECK(client.post(site.at("https"), much).body == much);
  CHECK(site.server().connections() == 1);
}

TEST_CASE("https: requests that come in one record are all answered",
          "[net][http][tls]") {
  const Hub hub;
  const Site site(&say_path);
  auto client = site.connect();
  std::string requests;
  for (int i = 0; i < 50; ++i) requests += head_of("/" + std::to_string(i));
  client.write(requests);
  std::string answers;
  std::array<char, 4096> piece{};
  while (answers.find("\r\n\r\n/49") == std::string::npos) {
    const auto count = client.read_some(piece);
    REQUIRE(count != 0);
    answers.append(piece.data(), count);
  }
}

TEST_CASE("https: a request in the same record as a body is answered",
          "[net][http][tls]") {
  const Hub hub;
  const Site site([](http::Request& request, http::Response& response) {
    response.send(request.path() + ":" + std::to_string(request.body().size()));
  });
  auto client = site.connect();
  std::array<char, 4096> piece{};
  for (const std::size_t size : {1024U, 2048U, 4096U, 8192U, 12000U}) {
    CAPTURE(size);
    client.write("POST /one HTTP/1.1\r\nHost: localhost\r\nContent-Length: " +
                 std::to_string(size) + "\r\n\r\n");
    sleep(1ms);  // the head was read alone
    client.write(std::string(size, 'x') + head_of("/two"));
    std::string answers;
    while (answers.find("/two:0") == std::string::npos) {
      const auto count = client.read_some(piece);
      REQUIRE(count != 0);
      answers.append(piece.data(), count);
    }
    CHECK(answers.find("/one:" + std::to_string(size)) != std::string::npos);
  }
}

TEST_CASE("https: a client that rests too long is told that this is the end",
          "[net][http][tls]") {
  const Hub hub;
  const Site site(&say_path, {.idle_time = 1s});
  auto client = site.connect();
  std::array<char, 1> byte{};
  CHECK(client.read_some(byte) == 0);  // and no "unexpected eof"
}

TEST_CASE("https: a client that does not shake hands has to go",
          "[net][http][tls]") {
  const Hub hub;
  const Site site(&say_path, {.header_time = 50ms, .idle_time = 50ms});
  std::error_code gone;  // it may have to go before it has said all
  auto silent = net::connect(site.endpoint());
  auto half = net::connect(site.endpoint());
  half.write("\x16\x03\x01\x02", gone);
  auto plain = net::connect(site.endpoint());
  plain.write(head_of("/"), gone);

  std::array<char, 512> piece{};
  for (auto* each : {&silent, &half, &plain})
    while (each->read_some(piece, gone) != 0) continue;
  while (site.server().connections() != 0) sleep(1ms);
}

TEST_CASE("https: stop() does not wait for those that do not shake hands",
          "[net][http][tls]") {
  const Hub hub;
  Site site(&say_path);
  auto silent = net::connect(site.endpoint());
  auto half = net::connect(site.endpoint());
  half.write("\x16\x03\x01\x02");
  while (site.server().connections() != 2) sleep(1ms);
  site.stop(1ms);
  CHECK(site.server().connections() == 0);
}

TEST_CASE("https: a handler learns that its client has gone",
          "[net][http][tls]") {
  const Hub hub;
  Event was_told;
  const Site site([&](http::Request&, http::Response& response) {
    const http::WhileConnected watch(response);
    try {
      Event().wait();
    } catch (const http::ClientGone&) {
      was_told.set();
      throw;
    }
  });
  auto client = site.connect();
  client.write(head_of("/"));
  sleep(5ms);  // it may go before or after the handler has begun
  SECTION("with a farewell") { client.shutdown_write(); }
  SECTION("without one") { client.close(); }
  CHECK(was_told.wait(30s));
}

TEST_CASE("https: what is watched is not read by others", "[net][http][tls]") {
  const Hub hub;
  Event is_watched;
  const Site site([&](http::Request& request, http::Response& response) {
    const http::WhileConnected watch(response);
    is_watched.set();
    try {
      response.send(request.body());
    } catch (const ConcurrentObjectUseError&) {
      response.set_status(409);
      response.send("");
    }
  });
  auto client = site.connect();
  client.write(
      "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\n");
  is_watched.wait();
  client.write("hello");
  std::array<char, 512> piece{};
  const auto count = client.read_some(piece);
  CHECK(std::string(piece.data(), count).starts_with("HTTP/1.1 409 "));
}

TEST_CASE("https: what is sent during a long answer is answered after it",
          "[net][http][tls]") {
  const Hub hub;
  Event is_watched;
  Event may_answer;
  const Site site([&](http::Request& request, http::Response& response) {
    const http::WhileConnected watch(response);
    is_watched.set();
    may_answer.wait();
    response.send(request.path());
  });
  auto client = site.connect();
  client.write(head_of("/one"));
  is_watched.wait();
  client.write(head_of("/two"));
  sleep(1ms);
  may_answer.set();
  std::string answers;
  std::array<char, 4096> piece{};
  while (answers.find("/two") == std::string::npos) {
    const auto count = client.read_some(piece);
    REQUIRE(count != 0);
    answers.append(piece.data(), count);
  }
  CHECK(answers.find("/one") < answers.find("/two"));
}

TEST_CASE("https: a server with a client's context is refused",
          "[net][http][tls]") {
  const Hub hub;
  CHECK_THROWS_AS(
      http::Server({"127.0.0.1", 0}, &say_path, {.tls = believer()}),
      std::invalid_argument);
}

// ---- WebSocket

TEST_CASE("wss: messages go both ways, and good-byes", "[net][http][tls]") {
  const Hub hub;
  std::uint16_t code = 0;
  const Site site([&](http::Request& request, http::Response& response) {
    http::WebSocket socket(request, response);
    while (auto message = socket.receive()) socket.send(message->data);
    code = socket.close_code();
  });
  http::WebSocket socket(site.at("wss"), {.tls = believer()});
  for (const std::size_t size : {0U, 5U, 70'000U}) {
    const std::string text(size, 'x');
    socket.send(text);
    CHECK(socket.receive().value().data == text);
  }
  socket.close(4321, "enough");
  CHECK(socket.close_code() == 4321);
  CHECK(code == 4321);
}

TEST_CASE("wss: one greenlet receives while others send", "[net][http][tls]") {
  const Hub hub;
  const Site site([&](http::Request& request, http::Response& response) {
    http::WebSocket socket(request, response);
    while (auto message = socket.receive()) socket.send(message->data);
  });
  http::WebSocket socket(site.at("wss"), {.tls = believer()});
  std::size_t heard = 0;
  const auto reader = spawn([&] {
    while (socket.receive()) ++heard;
  });
  Group senders;
  for (int i = 0; i < 10; ++i)
    senders.spawn([&] {
      for (int k = 0; k < 20; ++k) socket.send(std::string(3000, 'x'));
    });
  senders.join();
  while (heard != 200) sleep(1ms);
  socket.close();
  CHECK(reader->join(30s));
}

TEST_CASE("wss: a server that is not trusted is told nothing",
          "[net][http][tls]") {
  const Hub hub;
  const Site site([](http::Request&, http::Response&) { FAIL("was told"); });
  CHECK_THROWS_WITH(http::WebSocket(site.at("wss")),
                    Contains("certificate verify failed"));
}

}  // namespace
}  // namespace greenroom::test
