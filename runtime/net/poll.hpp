// A Poll waits for any of the file descriptors that were added to it, again and
// again.
//
// Thread rule: owning hub only. One greenlet polls at a time.
// Order: the answers come in the order in which the descriptors were added.
// Behaves as gevent.select.poll (gevent 26.5, src/gevent/select.py).
#pragma once

#include "../core/clock.hpp"
#include "../core/export.hpp"
#include "fd_list.hpp"

#include <cstdint>
#include <vector>

struct pollfd;

namespace greenroom::net {

/// What to wait for, and what was found: a set of events.
enum class Events : std::uint8_t {
  none = 0,
  read = 1,
  write = 2,
  error = 4,     ///< only in answers, asked for or not
  hangup = 8,    ///< only in answers: the other side has gone
  invalid = 16,  ///< only in answers: it is closed
};

/// What is in either of them.
[[nodiscard]] constexpr Events operator|(Events a, Events b) noexcept {
  return static_cast<Events>(static_cast<unsigned>(a) |
                             static_cast<unsigned>(b));
}
/// True if `set` has one of `wanted`.
[[nodiscard]] constexpr bool has_any(Events set, Events wanted) noexcept {
  return (static_cast<unsigned>(set) & static_cast<unsigned>(wanted)) != 0;
}

class GREENROOM_API Poll {
 public:
  /// One answer of poll().
  struct Ready {
    /// Which descriptor.
    int fd;
    /// What it is ready for.
    Events events;
    bool operator==(const Ready&) const = default;
  };

  Poll();
  Poll(const Poll&) = delete;
  Poll& operator=(const Poll&) = delete;
  Poll(Poll&&) noexcept;
  Poll& operator=(Poll&&) noexcept;
  ~Poll();

  /// Watches `fd` for `events`; if it was added before, only for these from now
  /// on. (Python's register(), which is a reserved word here.) Throws
  /// std::invalid_argument if `events` has neither read nor write, and if `fd`
  /// is negative.
  void add(Fd fd, Events events = Events::read | Events::write);
  /// As add(), but throws std::out_of_range if it was not added.
  void modify(Fd fd, Events events);
  /// Throws std::out_of_range if it was not added.
  void remove(Fd fd);
  /// True: it was added.
  [[nodiscard]] bool contains(Fd fd) const noexcept;
  /// True: there is nothing to watch.
  [[nodiscard]] bool empty() const noexcept { return fds_.empty(); }

  /// Gives way once, then parks until any is ready; returns nothing if `limit`
  /// passes first. A negative limit is forever. A descriptor that is closed, or
  /// gets closed, is Events::invalid each time until it is removed. Descriptors
  /// that are added while it parks count from the next call on. Kill: throws.
  [[nodiscard]] std::vector<Ready> poll(Duration limit = forever);

 private:
  std::vector<pollfd> fds_;
};

}  // namespace greenroom::net
