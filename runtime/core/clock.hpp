// The time a hub lives by, and the clock that tells it. The clock can be
// replaced, so that tests and simulations do not wait.
//
// Thread rule: a clock is asked by the hub it was given to, from its thread.
#pragma once

#include <chrono>

namespace greenroom {

using Duration = std::chrono::nanoseconds;
using TimePoint = std::chrono::steady_clock::time_point;

/// The limit of a wait that has none; the default wherever a limit is taken.
inline constexpr Duration forever = Duration::max();

/// Tells the time to a hub.
class Clock {
 public:
  Clock() = default;
  Clock(const Clock&) = delete;
  Clock& operator=(const Clock&) = delete;
  virtual ~Clock() = default;

  [[nodiscard]] virtual TimePoint now() noexcept = 0;

  /// Called by a hub with nothing to do before `due`. True: the clock now says
  /// `due`, do not sleep. False: real time has to pass.
  [[nodiscard]] virtual bool skip_to(TimePoint due) noexcept = 0;
};

/// Real, monotonic time: std::chrono::steady_clock.
class SteadyClock final : public Clock {
 public:
  [[nodiscard]] TimePoint now() noexcept override;
  [[nodiscard]] bool skip_to(TimePoint) noexcept override { return false; }
};

/// Time that stands still while anything can run, and jumps to the next
/// deadline when nothing can. A program on it is as fast as its computations
/// and runs the same way every time.
class VirtualClock final : public Clock {
 public:
  [[nodiscard]] TimePoint now() noexcept override { return now_; }
  [[nodiscard]] bool skip_to(TimePoint due) noexcept override;

 private:
  TimePoint now_{};
};

/// `start + limit`, or the end of time where that would overflow.
[[nodiscard]] TimePoint deadline_after(TimePoint start,
                                       Duration limit) noexcept;

}  // namespace greenroom
