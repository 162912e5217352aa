// A Lock has one holder at a time. An RLock may be taken again by its holder.
//
// Both remember who holds them. A report of who waits for what names the
// holder, and says whether it has ended. (gevent leaves such a lock locked for
// ever, and says nothing.) With std::scoped_lock, no greenlet ends while it
// holds one.
//
// Thread rule: owning hub only.
// Order: first come, first served, as Semaphore. Once a lock is released,
// somebody else may take it before the oldest waiter runs.
// Behaves as threading.Lock under gevent, gevent.lock.RLock (gevent 26.5,
// src/gevent/thread.py, lock.py).
#pragma once

#include "../core/clock.hpp"
#include "../core/export.hpp"
#include "../core/greenlet.hpp"
#include "semaphore.hpp"

#include <cstddef>
#include <stdexcept>
#include <string>

namespace greenroom {

/// A lock was to be released, or to be used by a Condition, but is not locked,
/// or is an RLock that another greenlet holds.
class GREENROOM_API LockNotHeldError : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

namespace detail {

// One permit, and who has it.
class GREENROOM_API LockBase : protected Semaphore {
 public:
  /// True: somebody has it.
  [[nodiscard]] bool locked() const noexcept { return Semaphore::locked(); }
  /// The greenlet that took it; null if nobody did, or if a callback of the hub
  /// did.
  [[nodiscard]] const GreenletPtr& holder() const noexcept { return holder_; }

 protected:
  LockBase();
  ~LockBase() override = default;

  bool take_for(Greenlet* holder, Duration limit) {
    if (!Semaphore::acquire(limit)) return false;
    holder_ = holder;
    return true;
  }
  void take_back_for(Greenlet* holder) {
    acquire_shielded();
    holder_ = holder;
  }
  bool try_take_for(Greenlet* holder) {
    if (!Semaphore::try_acquire()) return false;
    holder_ = holder;
    return true;
  }
  void give() {
    holder_ = nullptr;
    Semaphore::release();
  }

 private:
  static const WaitReason kWaitsForLock;
  static std::string describe_holder(const void* object);

  // owning hub only
  GreenletPtr holder_;
};

}  // namespace detail

/// Not reentrant: a holder that acquires it again waits for itself. Any
/// greenlet may release it.
class GREENROOM_API Lock final : public detail::LockBase {
 public:
  /// Parks until it is free, takes it and returns true; false if `limit` passes
  /// first.
  /// Kill: throws GreenletExit, and does not take it.
  bool acquire(Duration limit = forever) {
    hub().assert_here("Lock::acquire");
    return take_for(hub().running(), limit);
  }
  /// Takes it if it is free. Does not park.
  [[nodiscard]] bool try_acquire() {
    hub().assert_here("Lock::try_acquire");
    return try_take_for(hub().running());
  }
  /// Does not park. Throws LockNotHeldError if it is not locked.
  void release();

  /// acquire(), as std::scoped_lock and std::unique_lock call it.
  void lock() { acquire(); }
  /// try_acquire(), as they call it.
  [[nodiscard]] bool try_lock() { return try_acquire(); }
  /// release(), as they call it.
  void unlock() { release(); }
};

/// Its holder must release it as often as it has acquired it. In a callback of
/// the hub, where there is no greenlet, acquire() and try_acquire() throw
/// BlockingSwitchOutError.
class GREENROOM_API RLock final : public detail::LockBase {
 public:
  /// As Lock::acquire(); true at once for the greenlet that holds it.
  bool acquire(Duration limit = forever);
  /// Takes it if it is free, or if the caller holds it already. Does not park.
  [[nodiscard]] bool try_acquire();
  /// Does not park. Throws LockNotHeldError if the caller does not hold it.
  void release();

  /// The current greenlet holds it.
  [[nodiscard]] bool is_mine() const noexcept {
    return holder() != nullptr && holder() == hub().running();
  }

  /// acquire(), as std::scoped_lock and std::unique_lock call it.
  void lock() { acquire(); }
  /// try_acquire(), as they call it.
  [[nodiscard]] bool try_lock() { return try_acquire(); }
  /// release(), as they call it.
  void unlock() { release(); }

 private:
  friend class Condition;
  std::size_t release_all();
  void take_back(std::size_t depth);
  void check_mine(const char* call) const;

  // owning hub only
  std::size_t depth_ = 0;  // how often its holder has acquired it
};

}  // namespace greenroom
