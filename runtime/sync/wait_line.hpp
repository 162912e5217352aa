// A WaitLine is where greenlets wait for what is handed over in two steps. One
// that is woken looks whether it is still there, since another may have been
// faster; if not, it goes back to its place.
//
// Thread rule: owning hub only.
// Order: oldest first; one that goes back to its place stands before all that
// came later.
#pragma once

#include "../core/clock.hpp"
#include "../core/hub.hpp"
#include "../core/wait.hpp"

#include <cstddef>

namespace greenroom::detail {

/// One end of a queue. Who puts something there wakes one greenlet for each
/// thing; who was woken, and leaves it there, wakes the next.
class WaitLine {
 public:
  [[nodiscard]] bool empty() const noexcept {
    return newcomers_.empty() && returned_.empty();
  }

  void wake_one() noexcept {
    if (!returned_.notify_one()) newcomers_.notify_one();
  }
  void wake_all() noexcept {
    returned_.notify_all();
    newcomers_.notify_all();
  }

  /// Parks until it is woken and `is_there()`, and returns true; false if
  /// `limit` passes first, and then the line may be gone. `object`: for
  /// reports.
  /// Kill and Timeout: throws what was sent, and the greenlet has left.
  template <class IsThere>
  [[gnu::always_inline]] bool wait(const WaitReason& reason, const void* object,
                                   Duration limit, IsThere is_there) {
    WaitList* place = &newcomers_;
    for (;;) {
      Waiter waiter(reason, object);
      place->add(waiter);
      if (!waiter.park(limit)) return false;
      if (is_there()) [[likely]]
        return true;
      place = &returned_;
      limit = waiter.left_of(limit);
    }
  }

 private:
  WaitList newcomers_;
  WaitList returned_;  // each came before all newcomers
};

}  // namespace greenroom::detail
