#include "greenroom/runtime/net/stream_socket.hpp"

#include "greenroom/runtime/hub.hpp"

#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <system_error>

namespace greenroom::net {
namespace {

// Pieces of one sendmsg(); the rest follows with the next.
constexpr std::size_t kPieces = 16;

std::error_code last_error() noexcept {
  return {errno, std::generic_category()};
}

// Does what `try_it` does as soon as that does not block. Others may have been
// there first, so `limit` may be for several waits.
template <class Try>
std::size_t when_ready(Descriptor& descriptor, Direction direction,
                       Duration limit, std::error_code& error, Try try_it) {
  std::optional<TimePoint> deadline;
  for (;;) {
    const ssize_t count = try_it();
    if (count >= 0) {
      error.clear();
      return static_cast<std::size_t>(count);
    }
    if (errno == EINTR) continue;
    if (errno != EAGAIN) {
      error = last_error();
      return 0;
    }
    if (limit != forever) {
      const TimePoint now = Hub::current().now();
      if (!deadline) deadline = deadline_after(now, limit);
      limit = std::max(*deadline - now, Duration::zero());
    }
    try {
      if (descriptor.wait(direction, limit)) continue;
      error = std::make_error_code(std::errc::timed_out);
    } catch (const std::system_error& closed) {
      error = closed.code();
    }
    return 0;
  }
}

}  // namespace

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
  for (;;) {
    const ssize_t count =
        ::recv(descriptor_.get(), buffer.data(), buffer.size(), 0);
    error.clear();
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno == EINTR) continue;
    error = last_error();
    return 0;
  }
}

std::size_t StreamSocket::try_write(std::span<const std::string_view> pieces,
                                    Duration limit, std::error_code& error) {
  std::array<iovec, kPieces> parts{};
  const std::size_t count = std::min(pieces.size(), parts.size());
  for (std::size_t i = 0; i < count; ++i)
    parts[i] = {const_cast<char*>(pieces[i].data()), pieces[i].size()};
  msghdr message{};
  message.msg_iov = parts.data();
  message.msg_iovlen = count;
  return when_ready(descriptor_, Direction::write, limit, error, [&] {
    return ::sendmsg(descriptor_.get(), &message, MSG_NOSIGNAL);
  });
}

void StreamSocket::shutdown_write(std::error_code& error) {
  error.clear();
  if (::shutdown(descriptor_.get(), SHUT_WR) != 0) error = last_error();
}

}  // namespace greenroom::net
