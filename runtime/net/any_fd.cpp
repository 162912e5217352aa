#include "any_fd.hpp"

#include "../core/deadline.hpp"
#include "../core/hub.hpp"
#include "io_watcher.hpp"
#include "wake_when_ready.hpp"

#include <cerrno>
#include <deque>
#include <system_error>

namespace greenroom::detail {
namespace {

using net::Direction;

constexpr WaitReason kWaits{"any of several file descriptors"};

// Returns how many are ready now.
std::size_t look(std::span<pollfd> fds) {
  for (;;) {
    const int count = ::poll(fds.data(), fds.size(), 0);
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno != EINTR)
      throw std::system_error(errno, std::generic_category(), "poll");
  }
}

// One descriptor, while the greenlet is parked.
class Watched {
 public:
  Watched(pollfd& fd, Waiter& waiter)
      : fd_(fd),
        watcher_(IoWatcher::of(fd.fd, IoWatcher::Ownership::borrowed)),
        use_(*watcher_) {
    if ((fd.events & POLLIN) != 0)
      wakes_.emplace_back(*watcher_, Direction::read, waiter);
    if ((fd.events & POLLOUT) != 0)
      wakes_.emplace_back(*watcher_, Direction::write, waiter);
  }

  // Its number may already belong to another file.
  [[nodiscard]] bool was_closed() const noexcept {
    return watcher_->is_closed();
  }
  [[nodiscard]] pollfd& fd() const noexcept { return fd_; }

 private:
  pollfd& fd_;
  const IoWatcherPtr watcher_;
  const IoWatcher::Use use_;
  std::deque<WakeWhenReady> wakes_;
};

// Returns how many were closed meanwhile.
std::size_t park_until_any(std::span<pollfd> fds, Duration limit) {
  Waiter waiter(kWaits, fds.data());
  std::deque<Watched> watched;
  for (pollfd& fd : fds)
    if (fd.fd >= 0) watched.emplace_back(fd, waiter);
  waiter.park(limit);

  std::size_t closed = 0;
  for (Watched& each : watched) {
    each.fd().revents = 0;
    if (!each.was_closed()) continue;
    each.fd().revents = POLLNVAL;
    ++closed;
  }
  return closed;
}

}  // namespace

std::size_t wait_for_any_fd(std::span<pollfd> fds, Duration limit) {
  const Deadline deadline(limit);
  Hub::current().yield();
  for (;;) {
    if (const std::size_t ready = look(fds); ready != 0) return ready;
    const Duration time = deadline.left();
    if (time == Duration::zero()) return 0;
    if (const std::size_t closed = park_until_any(fds, time); closed != 0)
      return closed;
  }
}

}  // namespace greenroom::detail
