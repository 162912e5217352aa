// A client of an http::Server that sends exactly the bytes of a test.
//
//   RawClient client(server);
//   client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
//   CHECK(client.receive().body == "hello");
//
// Thread rule: owning hub only. Throws if the server is silent for too long, so
// that a test that fails does not hang.
#pragma once

#include <greenroom/greenroom.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace greenroom::test {

inline const net::Endpoint kAnyPort("127.0.0.1", 0);
inline const std::string kGet = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

class RawClient {
 public:
  struct Reply {
    int status = 0;  // 0: the connection ended instead
    std::string head{};
    std::string body{};  // decoded

    [[nodiscard]] bool says(std::string_view line) const {
      return head.find("\r\n" + std::string(line) + "\r\n") !=
             std::string::npos;
    }
  };

  explicit RawClient(const http::Server& server)
      : RawClient(connect(server.endpoint())) {}
  explicit RawClient(net::StreamSocket socket) : socket_(std::move(socket)) {
    socket_.set_timeout(std::chrono::seconds(30));
  }

  void send(std::string_view bytes) { socket_.write(bytes); }
  void send_byte_by_byte(std::string_view bytes) {
    for (const char& byte : bytes) {
      socket_.write({&byte, 1});
      sleep();
      sleep();  // the server has read it
    }
  }
  void shutdown() { socket_.shutdown_write(); }
  void close() { socket_.close(); }
  [[nodiscard]] net::StreamSocket& socket() { return socket_; }

  /// Everything up to the end of the connection; a reset is an end, too.
  std::string receive_all() {
    while (read_more()) continue;
    return std::exchange(received_, {});
  }
  /// Everything up to `end`, with `end`; less if the connection ends before.
  std::string receive_until(std::string_view end) {
    auto at = received_.find(end);
    while (at == std::string::npos && read_more()) at = received_.find(end);
    return take(at == std::string::npos ? received_.size() : at + end.size());
  }
  /// One answer. `has_body`: false after HEAD.
  Reply receive(bool has_body = true) {
    Reply reply;
    reply.head = receive_until("\r\n\r\n");
    if (reply.head.size() < 12) return reply;
    reply.status = std::stoi(reply.head.substr(9, 3));
    if (!has_body || reply.status == 204 || reply.status == 304) return reply;
    const auto length = reply.head.find("\r\nContent-Length: ");
    if (reply.says("Transfer-Encoding: chunked"))
      reply.body = receive_chunks();
    else if (length != std::string::npos)
      reply.body = receive_exactly(std::stoul(reply.head.substr(length + 18)));
    else
      reply.body = receive_all();
    return reply;
  }
  std::string receive_exactly(std::size_t size) {
    while (received_.size() < size && read_more()) continue;
    return take(std::min(size, received_.size()));
  }

 private:
  static net::StreamSocket connect(const net::Endpoint& endpoint) {
    if (endpoint.is_unix()) return net::UnixSocket::connect(endpoint.address());
    return net::connect(endpoint);
  }

  bool read_more() {
    std::array<char, 4096> piece{};
    std::error_code error;
    const auto count = socket_.read_some(piece, error);
    if (error == std::errc::timed_out)
      throw std::runtime_error("the server is silent");
    received_.append(piece.data(), count);
    return count != 0;
  }
  std::string take(std::size_t size) {
    std::string taken = received_.substr(0, size);
    received_.erase(0, size);
    return taken;
  }
  std::string receive_chunks() {
    std::string body;
    for (;;) {
      const std::string line = receive_until("\r\n");
      if (line.empty()) return body + "[cut]";
      const auto size = std::stoul(line, nullptr, 16);
      body += receive_exactly(size);
      receive_until("\r\n");
      if (size == 0) return body;
    }
  }

  net::StreamSocket socket_;
  std::string received_;
};

/// What a server answers to these bytes until it closes the connection.
inline std::string ask(const http::Server& server, std::string_view bytes) {
  RawClient client(server);
  client.send(bytes);
  return client.receive_all();
}

}  // namespace greenroom::test
