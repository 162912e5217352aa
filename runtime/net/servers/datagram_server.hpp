// A DatagramServer calls a handler with each datagram that comes to an
// endpoint.
//
//   net::DatagramServer server({"127.0.0.1", 9000},
//                              [&](std::string_view data, const auto& peer) {
//                                server.send_to(data, peer);
//                              });
//   server.serve_forever();
//
// Each call is a greenlet of its own: it may wait, and meanwhile calls for
// other datagrams go on, even those of the same client.
//
// Thread rule: owning hub only.
// Behaves as gevent.server.DatagramServer (gevent 26.5, src/gevent/server.py).
#pragma once

#include "../../core/export.hpp"
#include "../endpoint.hpp"
#include "../udp_socket.hpp"
#include "server.hpp"

#include <functional>
#include <string_view>
#include <system_error>

namespace greenroom::net {

class GREENROOM_API DatagramServer final : public Server {
 public:
  /// What it throws is reported (HubOptions::handle_error).
  using Handler = std::function<void(std::string_view, const Endpoint&)>;

  /// Binds at start(). While there is no room for handlers, datagrams wait in
  /// the system, which drops those that it has no room for.
  DatagramServer(const Endpoint& endpoint, Handler handler,
                 const ServerOptions& options = {});

  /// Sends from the server's endpoint; parks until there is room. Throws
  /// std::system_error: EBADF if it has not started, or was stopped.
  void send_to(std::string_view data, const Endpoint& peer);
  void send_to(std::string_view data, const Endpoint& peer,
               std::error_code& error);
};

}  // namespace greenroom::net
