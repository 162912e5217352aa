#include "descriptor.hpp"

#include "../core/errors.hpp"
#include "unique_fd.hpp"

#include <fcntl.h>

#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

namespace greenroom::net {

Descriptor::Descriptor(int fd) {
  detail::UniqueFd guard(fd);
  const int flags = fcntl(fd, F_GETFL);
  if (flags < 0 ||
      ((flags & O_NONBLOCK) == 0 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0))
    throw std::system_error(errno, std::generic_category(),
                            "fd " + std::to_string(fd));
  watcher_ = detail::IoWatcher::of(fd, detail::IoWatcher::Ownership::owned);
  (void)guard.release();
}

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  if (this != &other) {
    close();
    watcher_ = std::move(other.watcher_);
  }
  return *this;
}

bool Descriptor::wait(Direction direction, Duration limit) {
  if (!watcher_)
    throw std::system_error(EBADF, std::generic_category(),
                            "the descriptor is not open");
  if (!watcher_->waiters(direction).empty())
    throw ConcurrentObjectUseError(
        "another greenlet already waits to " +
        std::string(direction == Direction::read ? "read from" : "write to") +
        " fd " + std::to_string(get()) + "; only one at a time may");
  return watcher_->wait(direction, limit);
}

void Descriptor::close() noexcept {
  if (watcher_) watcher_->close();
}

int Descriptor::release() noexcept {
  return watcher_ ? watcher_->release() : -1;
}

}  // namespace greenroom::net
