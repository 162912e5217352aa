#include "unix_socket.hpp"

#include "connecting.hpp"
#include "unique_fd.hpp"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace greenroom::net {

UnixSocket UnixSocket::connect(std::string_view path, Duration limit) {
  return UnixSocket(
      detail::connect_descriptor(Endpoint::unix_path(path), limit));
}

std::pair<UnixSocket, UnixSocket> UnixSocket::pair() {
  std::array<int, 2> fds{};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0,
                 fds.data()) != 0)
    throw std::system_error(errno, std::generic_category(), "socketpair");
  detail::UniqueFd second(fds[1]);
  Descriptor first(fds[0]);
  return {UnixSocket(std::move(first)),
          UnixSocket(Descriptor(second.release()))};
}

}  // namespace greenroom::net
