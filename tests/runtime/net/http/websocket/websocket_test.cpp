#include "../../../../support/catch2.hpp"

#include <greenroom/runtime/core/errors.hpp>
#include <greenroom/runtime/core/hub.hpp>
#include <greenroom/runtime/net/http/server/server.hpp>
#include <greenroom/runtime/net/http/websocket/websocket.hpp>
#include <greenroom/runtime/net/tcp_socket.hpp>
#include <greenroom/runtime/sync/event.hpp>
#include <greenroom/runtime/tasks/join.hpp>
#include <greenroom/runtime/tasks/spawn.hpp>
#include <greenroom/runtime/tasks/timeout.hpp>

#include <array>
#include <functional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;
using http::WebSocket;

// A server whose handler is given a WebSocket.
class Site {
 public:
  explicit Site(std::function<void(WebSocket&)> handler,
                http::WebSocketOptions options = {})
      : server_(net::Endpoint("127.0.0.1", 0),
                [handler = std::move(handler), options](auto& request,
                                                        auto& response) {
                  WebSocket socket(request, response, options);
                  handler(socket);
                }) {
    server_.start();
  }

  [[nodiscard]] std::string url() const {
    return "ws://" + server_.endpoint().to_string() + "/";
  }
  [[nodiscard]] net::Endpoint endpoint() const { return server_.endpoint(); }
  void stop() { server_.stop(); }

 private:
  http::Server server_;
};

void echo(WebSocket& socket) {
  while (auto message = socket.receive())
    message->is_text ? socket.send(message->data)
                     : socket.send_binary(message->data);
}

// What a raw client gets for these headers, besides Host.
std::string ask_raw(const net::Endpoint& endpoint, const std::string& headers) {
  auto socket = net::connect(endpoint);
  socket.write("GET / HTTP/1.1\r\nHost: x\r\n" + headers + "\r\n");
  std::string answer;
  std::array<char, 512> piece{};
  while (answer.find("\r\n\r\n") == std::string::npos) {
    const auto count = socket.read_some(piece);
    if (count == 0) break;
    answer.append(piece.data(), count);
  }
  return answer;
}

TEST_CASE("websocket: text and binary messages go both ways",
          "[net][http][websocket]") {
  const Hub hub;
  Site site(&echo);
  WebSocket socket(site.url());

  for (const std::string text : {"", "hello", "gr\xc3\xbc\xc3\x9f dich"}) {
    socket.send(text);
    const auto message = socket.receive();
    REQUIRE(message.has_value());
    CHECK(message->data == text);
    CHECK(message->is_text);
  }
  for (const std::size_t size : {0U, 125U, 126U, 65535U, 65536U, 500'000U}) {
    const std::string data(size, '\xff');
    socket.send_binary(data);
    const auto message = socket.receive();
    REQUIRE(message.has_value());
    CHECK(message->data == data);
    CHECK_FALSE(message->is_text);
  }
}

TEST_CASE("websocket: messages are compressed when both sides can",
          "[net][http][websocket]") {
  const Hub hub;
  Site site(&echo, {.deflate = true});
  WebSocket socket(site.url(), {.deflate = true});
  const std::string text(100'000, 'x');
  socket.send(text);
  CHECK(socket.receive()->data == text);
}

TEST_CASE("websocket: the handshake is that of RFC 6455, 1.3",
          "[net][http][websocket]") {
  const Hub hub;
  Site site(&echo);
  const auto answer =
      ask_raw(site.endpoint(),
              "Connection: Upgrade\r\nUpgrade: websocket\r\n"
              "Sec-WebSocket-Version: 13\r\n"
              "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n");
  CHECK_THAT(answer, StartsWith("HTTP/1.1 101 Switching Protocols\r\n"));
  CHECK_THAT(answer, Contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
}

TEST_CASE("websocket: what is not a handshake is refused",
          "[net][http][websocket]") {
  const Hub hub;
  Site site(&echo);
  CHECK_THAT(ask_raw(site.endpoint(), ""),
             StartsWith("HTTP/1.1 400 Bad Request\r\n"));
  const auto old = ask_raw(site.endpoint(),
                           "Connection: Upgrade\r\nUpgrade: websocket\r\n"
                           "Sec-WebSocket-Version: 99\r\n"
                           "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n");
  CHECK_THAT(old, StartsWith("HTTP/1.1 426 Upgrade Required\r\n"));
  CHECK_THAT(old, Contains("Sec-WebSocket-Version: 13\r\n"));
}

TEST_CASE("websocket: a server without WebSocket fails the client",
          "[net][http][websocket]") {
  const Hub hub;
  http::Server server(net::Endpoint("127.0.0.1", 0),
                      [](auto&, auto& response) { response.send("hello"); });
  server.start();
  const auto url = "ws://" + server.endpoint().to_string() + "/";
  CHECK_THROWS_AS(WebSocket(url), std::system_error);
  CHECK_THROWS_AS(WebSocket("http://127.0.0.1/"), std::invalid_argument);
}

TEST_CASE("websocket: close() tells the other side why",
          "[net][http][websocket]") {
  const Hub hub;
  std::uint16_t code = 0;
  std::string reason;
  Event closed;
  Site site([&](WebSocket& socket) {
    CHECK_FALSE(socket.receive().has_value());
    code = socket.close_code();
    reason = socket.close_reason();
    closed.set();
  });
  WebSocket socket(site.url());
  CHECK(socket.close_code() == 0);
  socket.close(4001, "enough");
  CHECK_FALSE(socket.is_open());
  CHECK_FALSE(socket.receive().has_value());
  CHECK_THROWS_AS(socket.send("late"), http::ClientGone);
  socket.close();
  closed.wait();
  CHECK(code == 4001);
  CHECK(reason == "enough");
}

TEST_CASE("websocket: close() ends the receive() of another greenlet",
          "[net][http][websocket]") {
  const Hub hub;
  Site site(&echo);
  WebSocket socket(site.url());
  bool has_message = true;
  const auto reader =
      spawn([&] { has_message = socket.receive().has_value(); });
  sleep();
  socket.close(1001);
  reader->join();
  CHECK_FALSE(has_message);
  CHECK(socket.close_code() == 1001);
}

TEST_CASE("websocket: a side that goes without a word has closed with 1006",
          "[net][http][websocket]") {
  const Hub hub;
  Event gone;
  std::uint16_t code = 0;
  Site site([&](WebSocket& socket) {
    CHECK_FALSE(socket.receive().has_value());
    code = socket.close_code();
    gone.set();
  });
  { const WebSocket socket(site.url()); }
  gone.wait();
  CHECK(code == 1006);
}

TEST_CASE("websocket: too large a message ends the connection with 1009",
          "[net][http][websocket]") {
  const Hub hub;
  Site site(&echo, {.message_size = 1000});
  WebSocket socket(site.url());
  socket.send(std::string(1000, 'x'));
  CHECK(socket.receive()->data.size() == 1000);
  socket.send(std::string(1001, 'x'));
  CHECK_FALSE(socket.receive().has_value());
  CHECK(socket.close_code() == 1009);
}

TEST_CASE("websocket: text that is not UTF-8 ends the connection with 1007",
          "[net][http][websocket]") {
  const Hub hub;
  Site site(&echo);
  WebSocket socket(site.url());
  socket.send("\xff\xfe");
  CHECK_FALSE(socket.receive().has_value());
  CHECK(socket.close_code() == 1007);
}

TEST_CASE("websocket: a silent side gets a ping, and stays if it answers",
          "[net][http][websocket]") {
  const Hub hub;
  Event several_pings_later;
  Site site(
      [&](WebSocket& socket) {
        const auto pings = spawn([&] {
          sleep(1s);
          several_pings_later.set();
        });
        CHECK(socket.receive()->data == "still there");
        socket.send("so are you");
        socket.receive();
      },
      {.ping_interval = 300ms});
  WebSocket socket(site.url());
  const auto reader = spawn([&] { return socket.receive()->data; });
  several_pings_later.wait();
  socket.send("still there");
  CHECK(reader->get() == "so are you");
  socket.close();
}

TEST_CASE("websocket: a side that answers no ping counts as gone",
          "[net][http][websocket]") {
  const Hub hub;
  Event gone;
  Site site(
      [&](WebSocket& socket) {
        CHECK_FALSE(socket.receive().has_value());
        CHECK(socket.close_code() == 1006);
        gone.set();
      },
      {.ping_interval = 5ms});
  const WebSocket mute(site.url());  // answers only while it receives
  gone.wait();
}

TEST_CASE("websocket: what is watched is not read by others",
          "[net][http][websocket]") {
  const Hub hub;
  int refused = 0;
  http::Server server({"127.0.0.1", 0}, [&](auto& request, auto& response) {
    const http::WhileConnected watch(response);
    WebSocket socket(request, response);
    try {
      socket.receive();
    } catch (const ConcurrentObjectUseError&) {
      ++refused;
    }
    socket.send("sorry");
  });
  server.start();
  WebSocket socket("ws://" + server.endpoint().to_string());
  CHECK(socket.receive()->data == "sorry");
  CHECK_FALSE(socket.receive().has_value());
  CHECK(refused == 1);
}

TEST_CASE("websocket: others send while one receives, message by message",
          "[net][http][websocket]") {
  const Hub hub;
  constexpr int kSenders = 5;
  constexpr int kEach = 20;
  Site site([](WebSocket& socket) {
    std::vector<GreenletPtr> senders;
    for (int sender = 0; sender < kSenders; ++sender)
      senders.push_back(spawn([&socket, sender] {
        // Larger than what the system takes at once: they park in the middle.
        const std::string text(400'000, static_cast<char>('a' + sender));
        for (int i = 0; i < kEach; ++i) socket.send(text);
      }));
    while (socket.receive()) {
    }
    killall(senders);
  });
  WebSocket socket(site.url());
  const auto pings = spawn([&] {
    for (;;) {
      socket.ping("are you there");
      sleep();
    }
  });
  int whole = 0;
  for (int i = 0; i < kSenders * kEach; ++i) {
    const auto message = socket.receive();
    REQUIRE(message.has_value());
    if (message->data == std::string(400'000, message->data[0])) ++whole;
  }
  pings->kill();
  socket.close();
  CHECK(whole == kSenders * kEach);
}

TEST_CASE("websocket: a timeout ends receive(), and loses nothing",
          "[net][http][websocket]") {
  const Hub hub;
  Event go_on;
  Site site([&](WebSocket& socket) {
    go_on.wait();
    socket.send("late");
    socket.receive();
  });
  WebSocket socket(site.url());
  CHECK_THROWS_AS(with_timeout(5ms, [&] { socket.receive(); }), TimeoutError);
  go_on.set();
  CHECK(socket.receive()->data == "late");
  socket.close();
}

TEST_CASE("websocket: two greenlets cannot receive at once",
          "[net][http][websocket]") {
  const Hub hub;
  Site site(&echo);
  WebSocket socket(site.url());
  const auto first = spawn([&] { socket.receive(); });
  sleep();
  CHECK_THROWS_AS(socket.receive(), ConcurrentObjectUseError);
  CHECK_THROWS_AS(socket.ping(std::string(126, 'x')), std::invalid_argument);
  first->kill();
}

TEST_CASE("websocket: the server's stop ends what its handlers wait for",
          "[net][http][websocket]") {
  const Hub hub;
  Site site(&echo);
  WebSocket socket(site.url());
  socket.send("hello");
  CHECK(socket.receive()->data == "hello");
  const auto reader = spawn([&] { return socket.receive().has_value(); });
  sleep();
  site.stop();
  CHECK_FALSE(reader->get());
}

}  // namespace
}  // namespace greenroom::test
