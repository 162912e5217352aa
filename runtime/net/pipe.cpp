#include "greenroom/runtime/net/pipe.hpp"

#include "greenroom/runtime/net/unique_fd.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>

namespace greenroom::net {
namespace {

// Pieces of one writev(); the rest follows with the next.
constexpr std::size_t kPieces = 16;

// Does what `try_it` does as soon as that does not block.
template <class Try>
std::size_t when_ready(Descriptor& descriptor, Direction direction,
                       Duration limit, std::error_code& error, Try try_it) {
  for (;;) {
    const ssize_t count = try_it();
    if (count >= 0) {
      error.clear();
      return static_cast<std::size_t>(count);
    }
    if (errno == EINTR) continue;
    if (errno != EAGAIN) {
      error = {errno, std::generic_category()};
      return 0;
    }
    if (!descriptor.wait(direction, limit)) {
      error = std::make_error_code(std::errc::timed_out);
      return 0;
    }
  }
}

// writev() without the SIGPIPE that a write to a pipe cannot be told to leave
// out (before Linux 6.18): it stays blocked, and is taken back, unless one was
// pending before.
ssize_t write_quietly(int fd, const iovec* parts, std::size_t count) noexcept {
  sigset_t pending;
  sigset_t sigpipe;
  sigset_t before;
  sigpending(&pending);
  sigemptyset(&sigpipe);
  sigaddset(&sigpipe, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &sigpipe, &before);

  const ssize_t written = ::writev(fd, parts, static_cast<int>(count));

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
  if (buffer.empty()) {
    error.clear();
    return 0;
  }
  return when_ready(descriptor_, Direction::read, limit, error, [&] {
    return ::read(descriptor_.get(), buffer.data(), buffer.size());
  });
}

std::size_t PipeStream::try_write(std::span<const std::string_view> pieces,
                                  Duration limit, std::error_code& error) {
  std::array<iovec, kPieces> parts{};
  const std::size_t count = std::min(pieces.size(), parts.size());
  for (std::size_t i = 0; i < count; ++i)
    parts[i] = {const_cast<char*>(pieces[i].data()), pieces[i].size()};
  return when_ready(descriptor_, Direction::write, limit, error, [&] {
    return write_quietly(descriptor_.get(), parts.data(), count);
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
