// A hub's time, and the clock that tells it. The clock can be replaced, so that
// tests and simulations need not wait.
//
// Thread rule: only the hub that was given a clock asks it, from its own
// thread.
#pragma once

#include "export.hpp"
#include "std_parts.hpp"

namespace greenroom {

/// How long: of limits, delays and periods.
using Duration = std::chrono::nanoseconds;
/// A time of a hub's clock. It means nothing on another clock.
using TimePoint = std::chrono::steady_clock::time_point;

/// No limit. The default of everything that takes a limit.
inline constexpr Duration forever = Duration::max();

/// Tells the time to a hub.
class GREENROOM_API Clock {
 public:
  Clock() = default;
  Clock(const Clock&) = delete;
  Clock& operator=(const Clock&) = delete;
  virtual ~Clock() = default;

  /// The time now. Must never go back.
  [[nodiscard]] virtual TimePoint now() noexcept = 0;

  /// A hub calls this when it has nothing to do before `due`. True: the clock
  /// now says `due`, and the hub must not sleep. False: real time has to pass.
  [[nodiscard]] virtual bool skip_to(TimePoint due) noexcept = 0;
};

/// Real, monotonic time: std::chrono::steady_clock.
class GREENROOM_API SteadyClock final : public Clock {
 public:
  [[nodiscard]] TimePoint now() noexcept override;
  [[nodiscard]] bool skip_to(TimePoint) noexcept override { return false; }
};

/// Time that stands still while anything can run, and jumps to the next
/// deadline when nothing can. A program that runs on it takes only the time of
/// its computations, and runs the same way every time.
class GREENROOM_API VirtualClock final : public Clock {
 public:
  [[nodiscard]] TimePoint now() noexcept override { return now_; }
  [[nodiscard]] bool skip_to(TimePoint due) noexcept override;

 private:
  TimePoint now_{};
};

/// `start + limit`, or the end of time where that would overflow.
[[nodiscard]] GREENROOM_API TimePoint deadline_after(TimePoint start,
                                                     Duration limit) noexcept;

}  // namespace greenroom
