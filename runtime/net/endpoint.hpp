// An Endpoint is where a socket is: an IP address and a port, or a path.
//
// Thread rule: any thread; a value.
#pragma once

#include "../core/export.hpp"

#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace greenroom::net {

class GREENROOM_API Endpoint {
 public:
  /// Nowhere: family() is AF_UNSPEC.
  Endpoint() noexcept = default;
  /// A numeric address, "127.0.0.1" or "::1" ("fe80::1%eth0" with a scope).
  /// Port 0: the system chooses. Throws std::invalid_argument if it is not an
  /// address; names are for resolve() and connect().
  Endpoint(std::string_view address, std::uint16_t port);
  /// From what a system call gives.
  Endpoint(const sockaddr* address, socklen_t size) noexcept;

  /// "127.0.0.1:8001", "[::1]:8001", "unix:/run/x.sock", or only a port, which
  /// means the loopback address. Throws std::invalid_argument.
  [[nodiscard]] static Endpoint parse(std::string_view text);
  /// A path of the file system; with '@' in front, an abstract name. Throws
  /// std::invalid_argument if it is empty or too long (107 bytes).
  [[nodiscard]] static Endpoint unix_path(std::string_view path);
  /// This end of a socket. Throws std::system_error: EBADF.
  [[nodiscard]] static Endpoint local_of(int socket);
  /// The other end. Throws std::system_error: ENOTCONN.
  [[nodiscard]] static Endpoint remote_of(int socket);

  /// AF_INET, AF_INET6, AF_UNIX or AF_UNSPEC.
  [[nodiscard]] int family() const noexcept { return storage_.ss_family; }
  /// True: it is a path or an abstract name, not an address.
  [[nodiscard]] bool is_unix() const noexcept { return family() == AF_UNIX; }
  /// Without the port; a path as it was given.
  [[nodiscard]] std::string address() const;
  /// 0 if it has none.
  [[nodiscard]] std::uint16_t port() const noexcept;
  /// In the form that parse() reads.
  [[nodiscard]] std::string to_string() const;

  /// For system calls, with size().
  [[nodiscard]] const sockaddr* data() const noexcept {
    return reinterpret_cast<const sockaddr*>(&storage_);
  }
  /// How many bytes of data() count.
  [[nodiscard]] socklen_t size() const noexcept { return size_; }

  /// True: the same family, address and port, or the same path.
  bool operator==(const Endpoint& other) const noexcept;

 private:
  sockaddr_storage storage_{};
  socklen_t size_ = 0;
};

}  // namespace greenroom::net
