// An Event lets greenlets of one hub wait until something has happened.
//
// Thread rule: owning hub only. From elsewhere, Hub::post() a call to set().
// Order: waiters wake in the order in which they began to wait (gevent does so
// since 1.5, without promising it).
// Behaves as gevent.event.Event (gevent 26.5, src/gevent/event.py).
#pragma once

#include "../core/clock.hpp"
#include "../core/export.hpp"
#include "../core/wait.hpp"

#include <cstdint>

namespace greenroom {

/// A flag that greenlets can wait for. Once set, stays set until clear().
class GREENROOM_API Event final : public Waitable {
 public:
  /// Belongs to the calling thread's hub.
  Event();
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  /// Nobody waits any more.
  ~Event() = default;

  /// Raises the flag and makes every waiter ready. Does not park: the waiters
  /// run after the caller next parks, even if clear() comes before.
  void set();

  /// Lowers the flag. Those that set() has woken still run.
  void clear();

  /// True: the flag is raised.
  [[nodiscard]] bool is_set() const noexcept { return set_; }
  [[nodiscard]] bool ready() const noexcept override { return set_; }

  /// Parks until the flag is set, and returns true; false if `limit` passes
  /// first. If it is set already, returns at once, or, while set() is still
  /// waking earlier waiters, after them.
  /// Kill: throws GreenletExit, and the greenlet no longer waits.
  bool wait(Duration limit = forever);

 private:
  WaitList& wait_list() noexcept override { return waiters_; }

  // const after construction
  Hub& hub_;

  // owning hub only
  WaitList waiters_;
  std::uint64_t woken_until_ = 0;  // Hub::readied() after the last set()
  bool set_ = false;
};

}  // namespace greenroom
