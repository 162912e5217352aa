// A TimeLeft says how much time is left for a call that takes several steps.
//
// Thread rule: a thread with a hub; a value.
#pragma once

#include "../core/clock.hpp"
#include "../core/hub.hpp"

#include <algorithm>

namespace greenroom::detail {

class TimeLeft {
 public:
  explicit TimeLeft(Duration limit)
      : deadline_(limit == forever
                      ? TimePoint::max()
                      : deadline_after(Hub::current().now(), limit)) {}

  /// Never negative; `forever` if there is no limit.
  [[nodiscard]] Duration get() const {
    if (deadline_ == TimePoint::max()) return forever;
    return std::max(deadline_ - Hub::current().now(), Duration::zero());
  }

 private:
  const TimePoint deadline_;
};

}  // namespace greenroom::detail
