// A Deadline is the time by which something of several steps has to be over.
//
// Thread rule: a thread with a hub, whose clock it goes by; a value.
#pragma once

#include "clock.hpp"
#include "export.hpp"

namespace greenroom::detail {

class GREENROOM_API Deadline {
 public:
  /// `limit` from now on. With `forever` there is none, and no look at the
  /// clock.
  explicit Deadline(Duration limit);
  /// `limit` after `start`.
  Deadline(TimePoint start, Duration limit) noexcept
      : due_(deadline_after(start, limit)) {}

  /// How long it is until then: not less than zero; `forever` if there is none.
  [[nodiscard]] Duration left() const;

 private:
  TimePoint due_;  // the end of time: there is none
};

}  // namespace greenroom::detail
