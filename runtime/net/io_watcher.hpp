// An IoWatcher has the event loop watch one file descriptor for the greenlets
// of a hub that wait for it. All that wait for the same descriptor share one.
//
// Thread rule: owning hub only.
// Order: those who wait are woken together, in the order in which they began
// to.
#pragma once

#include "../core/clock.hpp"
#include "../core/export.hpp"
#include "../core/wait.hpp"
#include "io_user.hpp"

#include <boost/smart_ptr/intrusive_ptr.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace greenroom {

namespace net {

/// What a descriptor is waited for.
enum class Direction : std::uint8_t { read, write };

}  // namespace net

namespace detail {

class IoWatcher;
GREENROOM_API void intrusive_ptr_release(IoWatcher* watcher) noexcept;
using IoWatcherPtr = boost::intrusive_ptr<IoWatcher>;

class GREENROOM_API IoWatcher {
 public:
  enum class Ownership : std::uint8_t { borrowed, owned };
  // Enough for one operation of the event loop.
  static constexpr std::size_t kMemory = 128;

  /// The calling hub's watcher of `fd`. If it is `owned`, close() closes `fd`.
  /// Throws std::system_error if `fd` cannot be waited for: EBADF, for example.
  static IoWatcherPtr of(int fd, Ownership ownership);

  IoWatcher(const IoWatcher&) = delete;
  IoWatcher& operator=(const IoWatcher&) = delete;

  /// Parks until the descriptor is ready, or has an error to tell: true. False
  /// if `limit` passes first. It may no longer be ready when the caller runs.
  /// Kill: throws. Throws std::system_error (EBADF) when it is closed.
  bool wait(net::Direction direction, Duration limit);

  /// Has those in waiters() notified when the descriptor is ready.
  void arm(net::Direction direction);
  /// True, once, if the descriptor became ready while nobody waited.
  [[nodiscard]] bool take_ready(net::Direction direction) noexcept;
  [[nodiscard]] WaitList& waiters(net::Direction direction) noexcept {
    return side(direction).waiters;
  }

  /// -1 when it is closed.
  [[nodiscard]] int fd() const noexcept { return fd_; }
  [[nodiscard]] bool is_closed() const noexcept { return fd_ < 0; }
  /// True: close() closes the descriptor.
  [[nodiscard]] bool is_owned() const noexcept { return is_owned_; }
  [[nodiscard]] Hub& hub() const noexcept { return hub_; }

  /// Wakes all that wait; they throw. Closes the descriptor if it is owned.
  void close() noexcept;
  /// As close(), but the descriptor stays open.
  int release() noexcept;

  /// A use of the watcher. While there is one, the hub looks for I/O. With the
  /// last one, a borrowed descriptor is released.
  class Use {
   public:
    explicit Use(IoWatcher& watcher) noexcept;
    ~Use();
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;

   private:
    const IoWatcherPtr watcher_;
    const IoUser user_;
  };

 private:
  class Handler;
  struct Loop;  // keeps Asio out of this header
  struct Side {
    WaitList waiters;
    bool is_armed = false;
    bool is_ready = false;  // became so while nobody waited
    alignas(std::max_align_t) std::array<std::byte, kMemory> memory;
  };

  IoWatcher(Hub& hub, int fd, Ownership ownership);
  ~IoWatcher();

  [[nodiscard]] Side& side(net::Direction direction) noexcept {
    return sides_[static_cast<std::size_t>(direction)];
  }
  void heard(net::Direction direction) noexcept;
  int let_go() noexcept;

  friend void intrusive_ptr_add_ref(IoWatcher* watcher) noexcept {
    ++watcher->references_;
  }
  friend void intrusive_ptr_release(IoWatcher* watcher) noexcept;

  // const after construction
  Hub& hub_;
  const bool is_owned_;

  // owning hub only
  int fd_;
  bool was_armed_ = false;  // ever
  std::uint32_t references_ = 0;
  std::uint32_t uses_ = 0;
  std::unique_ptr<Loop> loop_;  // null when it is closed
  std::array<Side, 2> sides_;
};

}  // namespace detail
}  // namespace greenroom
