#include "connecting.hpp"

#include "unique_fd.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace greenroom::detail {
namespace {

std::system_error failed(int why, const net::Endpoint& endpoint) {
  return {why, std::generic_category(), "connect to " + endpoint.to_string()};
}

}  // namespace

net::Descriptor connect_descriptor(const net::Endpoint& endpoint,
                                   Duration limit) {
  UniqueFd fd(::socket(endpoint.family(),
                       SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (fd.get() < 0) throw failed(errno, endpoint);
  const bool is_done =
      ::connect(fd.get(), endpoint.data(), endpoint.size()) == 0;
  // EAGAIN means that the server of a unix socket has no room, and there is
  // nothing to wait for. After EINTR, the system goes on connecting by itself.
  if (!is_done && errno != EINPROGRESS && errno != EINTR)
    throw failed(errno, endpoint);
  net::Descriptor socket(fd.release());
  if (is_done) return socket;

  if (!socket.wait(net::Direction::write, limit))
    throw failed(ETIMEDOUT, endpoint);
  int error = 0;
  socklen_t size = sizeof error;
  if (getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &size) != 0)
    error = errno;
  if (error != 0) throw failed(error, endpoint);
  return socket;
}

}  // namespace greenroom::detail
