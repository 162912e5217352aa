// An http::Server answers HTTP/1.1 and HTTP/1.0 at an endpoint.
//
//   http::Server server({"127.0.0.1", 8088}, [](auto& request, auto& response)
//   {
//     response.send("<b>hello world</b>", "text/html");
//   });
//   server.serve_forever();
//
// With ServerOptions::tls it is an https server.
// Each connection is a greenlet: a handler may wait anywhere, and only its
// client does. Between requests a connection holds no stack.
//
// Thread rule: owning hub only.
// Behaves as gevent.pywsgi.WSGIServer (gevent 26.5, src/gevent/pywsgi.py).
// Unlike gevent, an answer leaves in one write, HEAD has no body, there are
// Limits, and what could smuggle a request past another server is refused.
#pragma once

#include "../../../core/clock.hpp"
#include "../../../core/export.hpp"
#include "../../../core/std_parts.hpp"
#include "../../endpoint.hpp"
#include "../../listener.hpp"
#include "limits.hpp"
#include "request.hpp"
#include "response.hpp"

#include <cstddef>
#include <functional>
#include <iosfwd>
#include <memory>

namespace greenroom {
namespace detail {
class HttpAcceptor;
}
namespace net {
class TlsContext;
}

namespace http {

/// How an http::Server listens, and what it grants its clients.
struct ServerOptions {
  /// What a client may not exceed.
  Limits limits{};
  /// Gets a line for each request, in the common log format. Not owned. Null:
  /// none.
  std::ostream* access_log = nullptr;
  /// How the socket listens.
  net::ListenOptions listen{};
  /// For https: a server's context. From its first byte on, a client has
  /// header_time for the handshake; then its connection is closed without a
  /// word. Null: plain HTTP.
  std::shared_ptr<const net::TlsContext> tls{};
};

class GREENROOM_API Server {
 public:
  /// Called in the connection's greenlet. What it throws is reported and
  /// answered with 500; an HttpError is answered as it says.
  using Handler = std::function<void(Request&, Response&)>;

  /// Binds at start(). Throws std::invalid_argument if `options.tls` is a
  /// client's, or greenroom was built without TLS.
  Server(const net::Endpoint& endpoint, Handler handler,
         ServerOptions options = {});
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  /// As stop(0s), without waiting for the end.
  ~Server();

  /// Binds and accepts from now on. Does nothing if it has started. Throws
  /// std::system_error: EADDRINUSE; std::logic_error after stop().
  void start();
  /// Accepts no more, closes the connections that rest, and waits until the
  /// others have sent the answers that they are at; those that have not after
  /// `grace` are killed. Parks. Does nothing if it has not started.
  void stop(Duration grace = std::chrono::seconds(1));
  /// Starts, and parks until stop() is called or the socket can accept no more.
  /// The latter is reported. Kill: stops.
  void serve_forever();

  /// Between start() and stop().
  [[nodiscard]] bool started() const noexcept;
  /// Where it listens, with the real port, once it has started.
  [[nodiscard]] net::Endpoint endpoint() const;
  /// How many connections there are now.
  [[nodiscard]] std::size_t connections() const noexcept;

 private:
  std::shared_ptr<detail::HttpAcceptor> acceptor_;
};

}  // namespace http
}  // namespace greenroom
