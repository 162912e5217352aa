#include "pipe.hpp"

#include "../io_call.hpp"
#include "../unique_fd.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <ctime>

namespace greenroom::net {
namespace {

// writev() without SIGPIPE. Before Linux 6.18, a write to a pipe has no flag
// for that: so the signal is blocked during the call, and taken back after it,
// unless one was pending before.
ssize_t write_quietly(int fd, std::span<const iovec> parts) noexcept {
  sigset_t pending;
  sigset_t sigpipe;
  sigset_t before;
  sigpending(&pending);
  sigemptyset(&sigpipe);
  sigaddset(&sigpipe, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &sigpipe, &before);

  const ssize_t written =
      ::writev(fd, parts.data(), static_cast<int>(parts.size()));

  const int error = errno;
  if (written < 0 && error == EPIPE && sigismember(&pending, SIGPIPE) == 0) {
    const timespec at_once{};
    while (sigtimedwait(&sigpipe, nullptr, &at_once) < 0 && errno == EINTR) {
    }
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  errno = error;
  return written;
}

}  // namespace

std::size_t PipeStream::try_read(std::span<char> buffer, Duration limit,
                                 std::error_code& error) {
  return detail::read_when_ready(descriptor(), buffer, limit, error, [&] {
    return ::read(native_handle(), buffer.data(), buffer.size());
  });
}

std::size_t PipeStream::try_write(std::span<const std::string_view> pieces,
                                  Duration limit, std::error_code& error) {
  return detail::write_when_ready(
      descriptor(), pieces, limit, error, [&](std::span<iovec> parts) {
        return write_quietly(native_handle(), parts);
      });
}

void PipeStream::shutdown_write(std::error_code& error) {
  error.clear();
  close();
}

Pipe make_pipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0)
    throw std::system_error(errno, std::generic_category(), "pipe");
  detail::UniqueFd writer(ends[1]);  // in case the first Descriptor throws
  PipeStream reader{Descriptor(ends[0])};
  return {std::move(reader), PipeStream(Descriptor(writer.release()))};
}

}  // namespace greenroom::net
