// A Semaphore is a number of permits that greenlets of one hub take and give
// back.
//
// Thread rule: owning hub only. From elsewhere, Hub::post() a call to
// release(). Unlike gevent, where several threads may use one.
// Order: first come, first served. A permit is handed over in two steps:
// release() makes the oldest waiter ready, which takes the permit when it runs.
// One who asks in between is faster; the waiter then keeps its place.
// Behaves as gevent.lock.Semaphore (gevent 26.5, src/gevent/_semaphore.py).
#pragma once

#include "../core/clock.hpp"
#include "../core/export.hpp"
#include "../core/hub.hpp"
#include "../core/wait.hpp"

#include <boost/intrusive/list.hpp>

#include <cstddef>
#include <cstdint>
#include <stdexcept>

namespace greenroom {

/// A BoundedSemaphore was to release more permits than it has.
class GREENROOM_API OverReleaseError : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

/// A wait for it together with other things, by wait({&semaphore}), takes no
/// permit.
class GREENROOM_API Semaphore : public Waitable {
 public:
  /// Belongs to the calling thread's hub. Throws std::invalid_argument if
  /// `permits` is negative.
  explicit Semaphore(std::ptrdiff_t permits = 1);
  Semaphore(const Semaphore&) = delete;
  Semaphore& operator=(const Semaphore&) = delete;
  /// Nobody waits any more.
  virtual ~Semaphore() = default;

  /// Takes a permit, and returns true. Parks while there is none; false if
  /// `limit` passes first.
  /// Kill: throws GreenletExit, and takes nothing. A kill that comes after the
  /// release is too late: the permit is taken, and the kill is thrown at the
  /// next wait.
  bool acquire(Duration limit = forever) {
    hub_.assert_here("Semaphore::acquire");
    return take() || wait_for_permit(limit, false);
  }

  /// Takes a permit if there is one. Does not park.
  [[nodiscard]] bool try_acquire() {
    hub_.assert_here("Semaphore::try_acquire");
    return take();
  }

  /// Adds a permit and makes the oldest waiter ready; the caller need not have
  /// taken one. Returns how many permits there are now. Does not park. Throws
  /// OverReleaseError, and changes nothing, if it is bounded and has all of its
  /// permits already.
  std::ptrdiff_t release() {
    hub_.assert_here("Semaphore::release");
    if (counter_ == bound_) [[unlikely]]
      refuse();
    ++counter_;
    if (!waiters_.empty() || !returned_.empty()) [[unlikely]]
      wake_waiters();
    return counter_;
  }

  /// Parks until there is a permit, and does not take it. Returns how many
  /// there are then: 0 if `limit` passes first, or if others were faster. Kill:
  /// throws.
  std::ptrdiff_t wait(Duration limit = forever);

  /// How many permits there are.
  [[nodiscard]] std::ptrdiff_t counter() const noexcept { return counter_; }
  /// acquire() would park.
  [[nodiscard]] bool locked() const noexcept { return counter_ == 0; }
  [[nodiscard]] bool ready() const noexcept override { return counter_ > 0; }

  /// acquire(), as std::scoped_lock and std::unique_lock call it.
  void lock() { acquire(); }
  /// try_acquire(), as they call it.
  [[nodiscard]] bool try_lock() { return try_acquire(); }
  /// release(), as they call it.
  void unlock() { release(); }

 protected:
  /// For kinds of Semaphore: never more permits than `bound`; `reason` is how
  /// reports name a wait for it, and must outlive it.
  Semaphore(std::ptrdiff_t permits, std::ptrdiff_t bound,
            const WaitReason& reason);

  /// As acquire(); a kill does not end it, and is thrown at the next wait.
  void acquire_shielded() {
    if (!take()) wait_for_permit(forever, true);
  }
  /// The hub of the thread that made it.
  [[nodiscard]] Hub& hub() const noexcept { return hub_; }

  /// As a bound: none.
  static constexpr std::ptrdiff_t kUnbounded = PTRDIFF_MAX;
  /// How reports name a wait for a Semaphore.
  static const WaitReason kWaitsForPermit;

 private:
  // One acquire() among those who wait. A permit is promised to it by waking
  // its greenlet, and taken when that runs.
  class Turn final : public Waiter {
   public:
    Turn(Semaphore& owner, std::uint64_t number)
        : Waiter(owner.reason_, &owner), owner_(owner), number_(number) {}

    [[nodiscard]] std::uint64_t number() const noexcept { return number_; }
    void notified() noexcept override;

   private:
    Semaphore& owner_;
    const std::uint64_t number_;  // the lower, the older
  };
  using Turns =
      boost::intrusive::list<Turn, boost::intrusive::base_hook<WaitNode>,
                             boost::intrusive::constant_time_size<false>>;

  bool take() noexcept {
    if (counter_ == 0) return false;
    --counter_;
    return true;
  }
  bool wait_for_permit(Duration limit, bool is_shielded);
  void back_to_its_place(Turn& turn) noexcept;
  void wake_waiters() noexcept;
  [[noreturn]] void refuse() const;
  WaitList& wait_list() noexcept override { return waiters_; }

  // const after construction
  Hub& hub_;
  const std::ptrdiff_t bound_;
  const WaitReason& reason_;  // how reports name a wait for it

  // owning hub only
  std::ptrdiff_t counter_;
  std::ptrdiff_t promised_ = 0;  // Turns that were woken and have not run yet
  std::uint64_t last_turn_ = 0;
  WaitList waiters_;  // oldest first: Turns, and those who take nothing
  Turns returned_;    // woken in vain; all are older than waiters_
};

/// A Semaphore that never has more permits than it began with.
class GREENROOM_API BoundedSemaphore final : public Semaphore {
 public:
  /// Begins with `permits`, and never has more. Throws std::invalid_argument if
  /// that is negative.
  explicit BoundedSemaphore(std::ptrdiff_t permits = 1)
      : Semaphore(permits, permits, kWaitsForPermit) {}
};

}  // namespace greenroom
