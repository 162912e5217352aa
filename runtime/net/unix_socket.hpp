// A UnixSocket is a connection between processes of one machine.
//
// Thread rule and everything else: as Stream.
#pragma once

#include "../core/clock.hpp"
#include "../core/export.hpp"
#include "stream_socket.hpp"

#include <string_view>
#include <utility>

namespace greenroom::net {

class GREENROOM_API UnixSocket final : public StreamSocket {
 public:
  using StreamSocket::StreamSocket;

  /// Connects to a server's path ('@' in front: an abstract name). Throws
  /// std::system_error: ENOENT, ECONNREFUSED.
  [[nodiscard]] static UnixSocket connect(std::string_view path,
                                          Duration limit = forever);
  /// Two sockets that are connected to each other.
  [[nodiscard]] static std::pair<UnixSocket, UnixSocket> pair();
};

}  // namespace greenroom::net
