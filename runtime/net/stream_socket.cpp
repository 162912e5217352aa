#include "stream_socket.hpp"

#include "io_call.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <system_error>

namespace greenroom::net {

using detail::last_error;
using detail::when_ready;

std::size_t StreamSocket::try_read(std::span<char> buffer, Duration limit,
                                   std::error_code& error) {
  if (buffer.empty()) {
    error.clear();
    return 0;
  }
  return when_ready(descriptor_, Direction::read, limit, error, [&] {
    return ::recv(descriptor_.get(), buffer.data(), buffer.size(), 0);
  });
}

std::size_t StreamSocket::read_now(std::span<char> buffer,
                                   std::error_code& error) {
  return detail::at_once(error, [&] {
    return ::recv(descriptor_.get(), buffer.data(), buffer.size(), 0);
  });
}

std::size_t StreamSocket::try_write(std::span<const std::string_view> pieces,
                                    Duration limit, std::error_code& error) {
  detail::IoParts parts(pieces);
  msghdr message{};
  message.msg_iov = parts.data();
  message.msg_iovlen = parts.size();
  return when_ready(descriptor_, Direction::write, limit, error, [&] {
    return ::sendmsg(descriptor_.get(), &message, MSG_NOSIGNAL);
  });
}

void StreamSocket::shutdown_write(std::error_code& error) {
  error.clear();
  if (::shutdown(descriptor_.get(), SHUT_WR) != 0) error = last_error();
}

}  // namespace greenroom::net
