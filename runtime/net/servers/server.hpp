// A Server takes in what comes to an endpoint, connections (StreamServer) or
// datagrams (DatagramServer), and handles each in a greenlet of its own.
//
// Thread rule: owning hub only. A greenlet that is parked in a server is not in
// a deadlock: it waits for the outside world.
// Behaves as gevent.baseserver.BaseServer (gevent 26.5,
// src/gevent/baseserver.py). Unlike gevent, stop() treats handlers alike with a
// pool and without: it waits for them, then kills them.
#pragma once

#include "../../core/clock.hpp"
#include "../../core/export.hpp"
#include "../../core/std_parts.hpp"
#include "../endpoint.hpp"

#include <cstddef>
#include <limits>
#include <memory>

namespace greenroom {

class Pool;

namespace detail {
class Service;
}

namespace net {

/// As ServerOptions::max_handlers: any number.
inline constexpr std::size_t unlimited =
    std::numeric_limits<std::size_t>::max();

/// How much a server takes in at a time.
struct ServerOptions {
  /// Handlers take places of this pool, and of no other. While it is full,
  /// nothing is taken in: clients wait in the system's queue. Not owned; must
  /// outlive the server. Others may use it, too. Null: none.
  Pool* pool = nullptr;
  /// At most so many handlers at a time; with so many, it is as with a full
  /// pool.
  std::size_t max_handlers = unlimited;
  /// How many are taken in before other greenlets have a turn. At least 1.
  std::size_t max_accept = 100;
};

class GREENROOM_API Server {
 public:
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Binds, and takes in what comes from now on. Does nothing if it has
  /// started. Throws std::system_error that names the endpoint: EADDRINUSE;
  /// std::logic_error after stop().
  void start();
  /// Closes the socket at once: whoever comes now is refused. Parks until the
  /// handlers of this server have ended; those that have not after `grace` are
  /// killed, and waited for. A handler that calls this is not waited for. The
  /// server does not start again.
  /// Kill: the handlers are killed, but not waited for.
  void stop(Duration grace = std::chrono::seconds(1));
  /// Starts if need be, and parks until the server has stopped. Kill: stops,
  /// without a grace.
  void serve_forever();

  /// Whoever comes now waits in the system's queue until start_accepting().
  /// Handlers
  /// go on. Does nothing if it does not accept. Parks for one turn.
  void stop_accepting();
  /// Does nothing if it accepts. Throws std::logic_error if the server has not
  /// started, or was stopped.
  void start_accepting();

  /// Between start() and stop().
  [[nodiscard]] bool started() const noexcept;
  /// Where it listens; with the real port once it has started.
  [[nodiscard]] Endpoint endpoint() const;
  /// How many handlers there are now.
  [[nodiscard]] std::size_t handlers() const noexcept;

 protected:
  /// For the kinds of server, which bring what does the work.
  explicit Server(std::shared_ptr<detail::Service> service) noexcept;
  /// As stop() without a grace, and without waiting for the end.
  ~Server();

  /// What does the work.
  [[nodiscard]] detail::Service& service() const noexcept { return *service_; }

 private:
  const std::shared_ptr<detail::Service> service_;
};

}  // namespace net
}  // namespace greenroom
