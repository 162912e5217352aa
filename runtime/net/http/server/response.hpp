// A Response is the answer of a handler of http::Server: a status, headers, and
// a body that is sent in one piece or piece by piece.
//
//   response.send("<h1>Hello</h1>", "text/html");        // in one piece
//   response.write("one "), sleep(1s), response.write("two");  // by pieces
//
// A handler that returns without either has answered with an empty body.
//
// Thread rule: the handler's greenlet, or another one of its hub while the
// handler runs; one at a time.
// Throws: ClientGone when the client takes nothing any more;
// std::invalid_argument for what would not be HTTP; std::logic_error for a
// status or header after the first byte was sent, for a body with 204 or 304,
// and for more of an answer that has ended.
#pragma once

#include "../../../core/export.hpp"

#include <memory>
#include <string_view>

namespace greenroom {
namespace detail {
class HttpExchange;
}

namespace http {

class GREENROOM_API Response {
 public:
  /// The server makes them.
  explicit Response(detail::HttpExchange& exchange) noexcept
      : exchange_(exchange) {}
  Response(const Response&) = delete;
  Response& operator=(const Response&) = delete;
  ~Response() = default;

  /// 200 unless set; 200 to 599.
  void set_status(int status);
  /// What set_status() has set, or 200.
  [[nodiscard]] int status() const;
  /// Replaces the headers of that name. Content-Length says how long the body
  /// will be, and is checked; without it, write() sends chunks. "Connection:
  /// close" is close_connection(); Transfer-Encoding is refused.
  void set_header(std::string_view name, std::string_view value);
  /// Adds one more header of that name.
  void add_header(std::string_view name, std::string_view value);

  /// Sends the whole body; head and body leave in one write. Parks until the
  /// system has taken it.
  void send(std::string_view body,
            std::string_view content_type = "text/plain; charset=utf-8");

  /// Sends the next piece of the body at once. Parks until the system has taken
  /// it. An empty piece sends what there is: the head.
  void write(std::string_view piece);

  /// True: something was sent.
  [[nodiscard]] bool has_begun() const;
  /// Ends the connection with this answer.
  void close_connection();

 private:
  friend class WhileConnected;
  friend class WebSocket;

  detail::HttpExchange& exchange_;
};

/// While it lives, the current greenlet's waits throw ClientGone when the
/// client goes. So a handler that waits for news (a long poll) does not take
/// any for a client that has gone. A client that only stops sending (shutdown)
/// counts as gone.
class GREENROOM_API WhileConnected {
 public:
  /// Watches the client of this answer, for the current greenlet.
  explicit WhileConnected(Response& response);
  WhileConnected(const WhileConnected&) = delete;
  WhileConnected& operator=(const WhileConnected&) = delete;
  ~WhileConnected();

 private:
  class Watch;
  std::unique_ptr<Watch> watch_;
};

}  // namespace http
}  // namespace greenroom
