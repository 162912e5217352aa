// A UdpSocket sends and receives datagrams, each whole and by itself.
//
//   net::UdpSocket socket;
//   socket.bind({"127.0.0.1", 9000});
//   std::array<char, 2048> buffer;
//   auto [size, peer, is_truncated] = socket.receive_from(buffer);
//
// Thread rule: owning hub only. Several greenlets may send and receive at a
// time. Every call tries first and parks only if it would block.
// Kill and Timeout: throw out of the call; no datagram is lost by that.
// Errors: as Stream's twins. Closed: EBADF.
// Behaves as gevent.socket (gevent 26.5, src/gevent/_socketcommon.py). Unlike
// gevent, tells whether a datagram was longer than the buffer.
#pragma once

#include "../core/clock.hpp"
#include "../core/export.hpp"
#include "descriptor.hpp"
#include "endpoint.hpp"

#include <cstddef>
#include <span>
#include <string_view>
#include <system_error>
#include <utility>

namespace greenroom::net {

/// What was received.
struct Datagram {
  /// Bytes in the buffer; a datagram may have 0.
  std::size_t size = 0;
  /// Who sent it.
  Endpoint peer{};
  /// It was longer than the buffer, and the rest of it is lost.
  bool is_truncated = false;
};

class GREENROOM_API UdpSocket {
 public:
  /// Not open: bind(), connect() and send_to() open it, for the family of the
  /// endpoint that they are given. Unix datagrams work, too.
  UdpSocket() noexcept = default;
  /// Takes over a datagram socket.
  explicit UdpSocket(Descriptor descriptor) noexcept
      : descriptor_(std::move(descriptor)) {}

  /// What is sent to `local` arrives here. Port 0: the system chooses. Throws
  /// std::system_error with the endpoint in its text: EADDRINUSE.
  void bind(const Endpoint& local);
  /// From now on send() sends to `peer`, and receive() hears from it alone.
  /// Does not park. Throws std::system_error.
  void connect(const Endpoint& peer);

  /// Sends all of it as one datagram; parks until there is room. Throws
  /// std::system_error: EMSGSIZE (over 65507 bytes), ECONNREFUSED if an earlier
  /// datagram found nobody.
  void send_to(std::string_view data, const Endpoint& peer);
  void send_to(std::string_view data, const Endpoint& peer,
               std::error_code& error);
  /// Sends to the peer of connect(); EDESTADDRREQ if there was none.
  void send(std::string_view data);
  void send(std::string_view data, std::error_code& error);

  /// Parks until there is a datagram.
  [[nodiscard]] Datagram receive_from(std::span<char> buffer);
  [[nodiscard]] Datagram receive_from(std::span<char> buffer,
                                      std::error_code& error);
  /// The same, but returns only how many bytes.
  [[nodiscard]] std::size_t receive(std::span<char> buffer);
  [[nodiscard]] std::size_t receive(std::span<char> buffer,
                                    std::error_code& error);
  /// Does not park: std::errc::operation_would_block if there is none.
  [[nodiscard]] Datagram receive_now(std::span<char> buffer,
                                     std::error_code& error);
  /// Parks until there is a datagram: true; false if `limit` passes first.
  /// Throws std::system_error: EBADF.
  bool wait_read(Duration limit = forever);

  /// Whoever waits for it throws std::system_error (EBADF).
  void close() noexcept { descriptor_.close(); }
  /// True: there is a socket. See UdpSocket() for what opens one.
  [[nodiscard]] bool is_open() const noexcept { return descriptor_.is_open(); }
  /// How long a call waits in all, before it fails with std::errc::timed_out.
  void set_timeout(Duration limit) noexcept { timeout_ = limit; }
  /// What set_timeout() has set.
  [[nodiscard]] Duration timeout() const noexcept { return timeout_; }

  /// With the real port. Throws std::system_error.
  [[nodiscard]] Endpoint local_endpoint() const {
    return Endpoint::local_of(native_handle());
  }
  /// For setsockopt() and the like. -1 if it is not open.
  [[nodiscard]] int native_handle() const noexcept { return descriptor_.get(); }

 private:
  void open_for(const Endpoint& endpoint);
  bool wait(Direction direction, Duration limit);
  void send_message(std::string_view data, const Endpoint* peer,
                    std::error_code& error);

  Descriptor descriptor_;
  Duration timeout_ = forever;
};

}  // namespace greenroom::net
