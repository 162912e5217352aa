// A Descriptor owns a file descriptor that greenlets of one hub read and write:
// one at a time in each direction.
//
// Thread rule: owning hub only.
#pragma once

#include "../core/clock.hpp"
#include "../core/export.hpp"
#include "io_watcher.hpp"

namespace greenroom::net {

class GREENROOM_API Descriptor {
 public:
  /// Holds none.
  Descriptor() noexcept = default;
  /// Takes `fd` over for the calling thread's hub; it no longer blocks
  /// (O_NONBLOCK). If it cannot be waited for, closes it and throws
  /// std::system_error.
  explicit Descriptor(int fd);
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  Descriptor(Descriptor&&) noexcept = default;
  Descriptor& operator=(Descriptor&& other) noexcept;
  /// Closes it.
  ~Descriptor() { close(); }

  /// -1 if it is closed.
  [[nodiscard]] int get() const noexcept {
    return watcher_ ? watcher_->fd() : -1;
  }
  /// True: it holds one.
  [[nodiscard]] bool is_open() const noexcept { return get() >= 0; }

  /// Parks until it is ready: true. False if `limit` passes first.
  /// Kill: throws. Throws std::system_error (EBADF) if it is closed, or gets
  /// closed, and ConcurrentObjectUseError if another greenlet waits for the
  /// same.
  bool wait(Direction direction, Duration limit = forever);

  /// Greenlets that wait for it throw. Does nothing if it is closed.
  void close() noexcept;
  /// As close(), but the descriptor stays open, and is the caller's.
  [[nodiscard]] int release() noexcept;
  /// Only for a Descriptor that holds one, or did.
  [[nodiscard]] greenroom::detail::IoWatcher& watcher() const noexcept {
    return *watcher_;
  }

 private:
  detail::IoWatcherPtr watcher_;  // null: none was ever held
};

}  // namespace greenroom::net
