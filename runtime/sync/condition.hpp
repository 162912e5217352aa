// A Condition lets greenlets that share something under a lock wait until
// somebody has changed it.
//
//   std::unique_lock guard(changed);
//   changed.wait_for([&] { return !jobs.empty(); });
//
// Thread rule: owning hub only.
// Order: waiters are notified first come, first served.
// Behaves as threading.Condition under gevent (Python 3.11, threading.py).
#pragma once

#include "../core/clock.hpp"
#include "../core/deadline.hpp"
#include "../core/export.hpp"
#include "../core/wait.hpp"
#include "lock.hpp"

#include <cstddef>
#include <optional>

namespace greenroom {

/// Locking it locks its RLock. wait() and notify() throw LockNotHeldError if
/// the caller does not hold the RLock.
class GREENROOM_API Condition {
 public:
  /// With a lock of its own.
  Condition() : lock_(own_.emplace()) {}
  /// With this lock, which others may use, too.
  explicit Condition(RLock& lock) : lock_(lock) {}
  Condition(const Condition&) = delete;
  Condition& operator=(const Condition&) = delete;
  /// Nobody waits any more.
  ~Condition() = default;

  /// Releases the lock, however often it was acquired, and parks until notified
  /// (true) or until `limit` has passed (false); then takes the lock back.
  /// Kill: throws once it has the lock back. A kill that comes while it waits
  /// for the lock is thrown at the next wait.
  bool wait(Duration limit = forever);

  /// Calls wait() until `holds()`, and returns true; false if `limit` passes
  /// first.
  template <class Predicate>
  bool wait_for(Predicate holds, Duration limit = forever) {
    const detail::Deadline deadline(limit);
    while (!holds()) {
      const Duration left = deadline.left();
      if (left == Duration::zero()) return false;
      wait(left);
    }
    return true;
  }

  /// Wakes those that have waited longest, at most `count` of them. They go on
  /// when the lock is free. Does not park.
  void notify(std::size_t count = 1);
  /// Wakes all that wait now. Does not park.
  void notify_all();

  /// As RLock::acquire(), of its lock.
  bool acquire(Duration limit = forever) { return lock_.acquire(limit); }
  /// As RLock::try_acquire(), of its lock.
  [[nodiscard]] bool try_acquire() { return lock_.try_acquire(); }
  /// As RLock::release(), of its lock.
  void release() { lock_.release(); }
  /// acquire(), as std::scoped_lock and std::unique_lock call it.
  void lock() { lock_.lock(); }
  /// try_acquire(), as they call it.
  [[nodiscard]] bool try_lock() { return lock_.try_lock(); }
  /// release(), as they call it.
  void unlock() { lock_.unlock(); }

 private:
  // const after construction
  std::optional<RLock> own_;
  RLock& lock_;

  // owning hub only
  WaitList waiters_;
};

}  // namespace greenroom
