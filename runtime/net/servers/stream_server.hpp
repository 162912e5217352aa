// A StreamServer calls a handler with each connection that comes to an
// endpoint, TCP or between processes.
//
//   net::StreamServer server({"127.0.0.1", 5000},
//                            [](net::TcpSocket& socket, const auto& peer) {
//                              socket.write("Hello, " + peer.address() + "\n");
//                            });
//   server.serve_forever();
//
// Each connection is a greenlet: a handler may wait anywhere, and only its
// client does. With tls_handler() around the handler, connections are
// encrypted.
//
// Thread rule: owning hub only.
// Behaves as gevent.server.StreamServer (gevent 26.5, src/gevent/server.py).
#pragma once

#include "../../core/export.hpp"
#include "../descriptor.hpp"
#include "../endpoint.hpp"
#include "../listener.hpp"
#include "../tcp_socket.hpp"
#include "../unix_socket.hpp"
#include "server.hpp"

#include <concepts>
#include <functional>
#include <memory>
#include <utility>

namespace greenroom {

namespace detail {

// What the greenlet of a connection does, whatever kind of socket it is.
using Serve = std::function<void(net::Descriptor, const net::Endpoint&)>;

template <class Handler, class Socket>
concept Handles = std::invocable<Handler&, Socket&, const net::Endpoint&>;

template <class Handler>
concept StreamHandler =
    Handles<Handler, net::TcpSocket> || Handles<Handler, net::UnixSocket>;

[[noreturn]] GREENROOM_API void throw_not_handled(
    const net::Endpoint& endpoint);

template <class Socket, class Handler>
Serve serve_as(Handler handler) {
  return [handler = std::move(handler)](net::Descriptor descriptor,
                                        const net::Endpoint& peer) mutable {
    Socket socket(std::move(descriptor));
    handler(socket, peer);
  };
}

template <class Handler>
Serve serve_at(const net::Endpoint& endpoint, Handler handler) {
  if (endpoint.is_unix()) {
    if constexpr (Handles<Handler, net::UnixSocket>)
      return serve_as<net::UnixSocket>(std::move(handler));
  } else {
    if constexpr (Handles<Handler, net::TcpSocket>)
      return serve_as<net::TcpSocket>(std::move(handler));
  }
  throw_not_handled(endpoint);
}

}  // namespace detail

namespace net {

class GREENROOM_API StreamServer final : public Server {
 public:
  /// Calls `handler(socket, peer)`, one function object for all connections,
  /// with a TcpSocket or a UnixSocket; it may take a StreamSocket& or Stream&
  /// for both. The socket is closed when the call ends, however it does. What
  /// the handler throws is reported (HubOptions::handle_error).
  /// Binds at start(). Throws std::invalid_argument if the handler does not
  /// take the kind of socket that there is at `endpoint`.
  template <class Handler>
  requires detail::StreamHandler<Handler> StreamServer(
      const Endpoint& endpoint, Handler handler,
      const ServerOptions& options = {}, const ListenOptions& listen = {})
      : StreamServer(endpoint, detail::serve_at(endpoint, std::move(handler)),
                     options, listen) {}
  /// For a socket that listens already: before start(), clients are not
  /// refused, but wait.
  template <class Handler>
  requires detail::StreamHandler<Handler> StreamServer(
      Listener listener, Handler handler, const ServerOptions& options = {})
      : StreamServer(
            listener,
            detail::serve_at(listener.local_endpoint(), std::move(handler)),
            options) {}

 private:
  StreamServer(const Endpoint& endpoint, detail::Serve serve,
               const ServerOptions& options, const ListenOptions& listen);
  // Moves the listener out.
  StreamServer(Listener& listener, detail::Serve serve,
               const ServerOptions& options);
};

}  // namespace net
}  // namespace greenroom
