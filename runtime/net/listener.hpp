// A Listener accepts connections at an endpoint.
//
// Thread rule: owning hub only. One greenlet accepts at a time.
#pragma once

#include "../core/clock.hpp"
#include "../core/export.hpp"
#include "descriptor.hpp"
#include "endpoint.hpp"

#include <optional>
#include <system_error>

namespace greenroom::net {

/// How a socket listens.
struct ListenOptions {
  /// How many connections the system keeps until they are accepted.
  int backlog = 256;
  /// Several processes, or hubs, may listen at one port (SO_REUSEPORT).
  bool reuse_port = false;
};

class GREENROOM_API Listener {
 public:
  /// Binds and listens. A unix path that no process listens at is taken over.
  /// Throws std::system_error with the endpoint in its text: EADDRINUSE.
  explicit Listener(const Endpoint& endpoint, ListenOptions options = {});
  /// Takes over a socket that listens.
  explicit Listener(Descriptor descriptor);

  /// A connection, and who is at its other end.
  struct Accepted {
    /// For a TcpSocket or a UnixSocket to take over.
    Descriptor descriptor;
    /// The other side's endpoint.
    Endpoint peer;
  };

  /// Parks until there is a connection. Throws std::system_error: EMFILE, or
  /// EBADF if it is closed meanwhile.
  [[nodiscard]] Accepted accept();
  /// Does not park. Returns nothing if no connection is there, or after an
  /// error, which goes to `error`.
  [[nodiscard]] std::optional<Accepted> try_accept(std::error_code& error);
  /// Parks until there may be a connection: true; false if `limit` passes
  /// first.
  bool wait(Duration limit = forever) {
    return descriptor_.wait(Direction::read, limit);
  }

  /// With the real port.
  [[nodiscard]] Endpoint local_endpoint() const {
    return Endpoint::local_of(native_handle());
  }
  /// False after close().
  [[nodiscard]] bool is_open() const noexcept { return descriptor_.is_open(); }
  /// For setsockopt() and the like. -1 if it is closed.
  [[nodiscard]] int native_handle() const noexcept { return descriptor_.get(); }
  /// Accepts no more. Whoever waits for it throws std::system_error (EBADF).
  void close() noexcept { descriptor_.close(); }

 private:
  Descriptor descriptor_;
};

}  // namespace greenroom::net
