#include "clock.hpp"

namespace greenroom {

TimePoint SteadyClock::now() noexcept {
  return std::chrono::steady_clock::now();
}

bool VirtualClock::skip_to(TimePoint due) noexcept {
  if (due > now_) now_ = due;
  return true;
}

TimePoint deadline_after(TimePoint start, Duration limit) noexcept {
  if (limit <= Duration::zero()) return start;
  return limit > TimePoint::max() - start ? TimePoint::max() : start + limit;
}

}  // namespace greenroom
