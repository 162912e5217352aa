#include "stream_socket.hpp"

#include "io_call.hpp"

#include <sys/socket.h>

#include <system_error>

namespace greenroom::net {

std::size_t StreamSocket::try_read(std::span<char> buffer, Duration limit,
                                   std::error_code& error) {
  return detail::read_when_ready(descriptor(), buffer, limit, error, [&] {
    return ::recv(native_handle(), buffer.data(), buffer.size(), 0);
  });
}

std::size_t StreamSocket::read_now(std::span<char> buffer,
                                   std::error_code& error) {
  return detail::at_once(error, [&] {
    return ::recv(native_handle(), buffer.data(), buffer.size(), 0);
  });
}

std::size_t StreamSocket::try_write(std::span<const std::string_view> pieces,
                                    Duration limit, std::error_code& error) {
  return detail::write_when_ready(
      descriptor(), pieces, limit, error, [&](std::span<iovec> parts) {
        msghdr message{};
        message.msg_iov = parts.data();
        message.msg_iovlen = parts.size();
        return ::sendmsg(native_handle(), &message, MSG_NOSIGNAL);
      });
}

void StreamSocket::shutdown_write(std::error_code& error) {
  error.clear();
  if (::shutdown(native_handle(), SHUT_WR) != 0) error = detail::last_error();
}

}  // namespace greenroom::net
