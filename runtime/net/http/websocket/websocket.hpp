// A WebSocket carries messages both ways, over a connection that began as HTTP
// (RFC 6455).
//
//   http::Server server(endpoint, [](auto& request, auto& response) {
//     http::WebSocket socket(request, response);
//     while (auto message = socket.receive()) socket.send(message->data);
//   });
//
// Thread rule: owning hub only. One greenlet receives; any number of others may
// send meanwhile: each message is sent whole, one after the other.
// Kill and Timeout: end receive() without loss; it can be called again. A
// send() that had begun leaves half a message behind, so the connection ends.
#pragma once

#include "../../../core/clock.hpp"
#include "../../../core/export.hpp"
#include "../../../core/std_parts.hpp"
#include "../server/request.hpp"
#include "../server/response.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace greenroom {

namespace net {
class TlsContext;
}

namespace http {

/// The limits of a WebSocket, and what its handshake offers.
struct WebSocketOptions {
  /// Larger messages end the connection with close code 1009.
  std::size_t message_size = std::size_t{1} * 1024 * 1024;
  /// After so long a silence, a ping is sent; after another one, the other side
  /// counts as gone. Only while somebody receives.
  Duration ping_interval = std::chrono::seconds(30);
  /// How long the other side may take for the next piece of a message.
  Duration write_time = std::chrono::seconds(60);
  /// Compress, if the other side can, too (permessage-deflate).
  bool deflate = false;
  /// More headers of the handshake.
  std::vector<std::pair<std::string, std::string>> headers{};
  /// For wss, on the client's side. Null: one that trusts whom the system
  /// trusts.
  std::shared_ptr<const net::TlsContext> tls{};
};

class GREENROOM_API WebSocket {
 public:
  /// What receive() gives.
  struct Message {
    /// All of it; fragments are put together.
    std::string data;
    /// False: it is binary. Text is valid UTF-8.
    bool is_text = true;
  };

  /// The server's side: answers the handshake; `response` is used up. Throws
  /// HttpError if the request is not such a handshake: 400, or 426 with the
  /// version that is spoken here.
  WebSocket(Request& request, Response& response,
            const WebSocketOptions& options = {});
  /// The client's side: connects to "ws://host:port/target", or "wss://", and
  /// shakes hands. Throws std::system_error if that fails.
  explicit WebSocket(std::string_view url,
                     const WebSocketOptions& options = {});
  WebSocket(WebSocket&&) noexcept;
  WebSocket& operator=(WebSocket&&) noexcept;
  /// Without a closing handshake, unless close() was called.
  ~WebSocket();

  /// The next message; parks until there is one. Nothing when the other side
  /// has closed or gone, and after close(). Throws ConcurrentObjectUseError if
  /// another greenlet receives.
  std::optional<Message> receive();

  /// Sends one message; parks until the system has taken it. Throws ClientGone
  /// if the connection has ended.
  void send(std::string_view text) { send_as(text, true); }
  /// As send(), but as a binary message.
  void send_binary(std::string_view data) { send_as(data, false); }
  /// At most 125 bytes, else throws std::invalid_argument.
  void ping(std::string_view payload = {});

  /// Says good-bye, and parks until the other side has done so, too; a second
  /// at most. If another greenlet receives, that one does this, and close()
  /// does not park. Does nothing if it is closed.
  void close(std::uint16_t code = 1000, std::string_view reason = {});

  /// False once it is closed, or the connection has ended.
  [[nodiscard]] bool is_open() const noexcept;
  /// The code that the other side gave when it closed; 1005 if it gave none,
  /// 1006 if it has gone without a word; 0 while it is open.
  [[nodiscard]] std::uint16_t close_code() const noexcept;
  /// The reason that the other side gave when it closed; empty if it gave none.
  [[nodiscard]] std::string_view close_reason() const noexcept;

 private:
  class Impl;
  void send_as(std::string_view data, bool is_text);

  std::unique_ptr<Impl> impl_;
};

/// True: the request asks for a WebSocket.
[[nodiscard]] GREENROOM_API bool is_websocket(const Request& request);

}  // namespace http
}  // namespace greenroom
