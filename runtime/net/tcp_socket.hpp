// A TcpSocket is a TCP connection.
//
//   auto socket = net::connect("localhost", 8001);
//   socket.write("hello\n");
//
// Thread rule and everything else: as Stream.
// Unlike gevent, what is written leaves at once (TCP_NODELAY).
#pragma once

#include "../core/clock.hpp"
#include "../core/export.hpp"
#include "stream_socket.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace greenroom::net {

class GREENROOM_API TcpSocket final : public StreamSocket {
 public:
  /// Not open.
  TcpSocket() = default;
  /// Takes over a connected socket, and sets TCP_NODELAY.
  explicit TcpSocket(Descriptor descriptor);

  /// True: the system sends at once, and does not wait for more to send with
  /// it.
  void set_no_delay(bool no_delay);
  /// True: the system checks now and then that the other side still lives.
  void set_keep_alive(bool keep_alive);

 private:
  void set_option(int level, int name, bool value, const char* call);
};

/// Connects to an address. Parks until it is done. Throws std::system_error:
/// ECONNREFUSED, for example; ETIMEDOUT if `limit` passes first. Kill: throws,
/// and leaves no socket behind.
[[nodiscard]] GREENROOM_API TcpSocket connect(const Endpoint& endpoint,
                                              Duration limit = forever);

/// Looks the name up and connects to the first of its addresses that answers.
/// `limit` is for all of it together. If none does, throws the error of the
/// last one. (gevent.socket.create_connection.)
[[nodiscard]] GREENROOM_API TcpSocket connect(std::string_view host,
                                              std::uint16_t port,
                                              Duration limit = forever);

/// The addresses of a name, in the order to try them; never empty. Parks: the
/// system's resolver runs in a thread of its own. A kill does not stop that
/// thread, and does not wait for it. Throws std::system_error.
[[nodiscard]] GREENROOM_API std::vector<Endpoint> resolve(std::string_view host,
                                                          std::uint16_t port);

}  // namespace greenroom::net
