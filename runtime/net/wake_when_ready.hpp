// A WakeWhenReady wakes a waiting greenlet when a descriptor becomes ready. For
// waits that end by one of several things.
//
// Thread rule: owning hub only.
#pragma once

#include "../core/wait.hpp"
#include "io_watcher.hpp"

namespace greenroom::detail {

class WakeWhenReady final : public WaitNode {
 public:
  /// Both outlive this.
  WakeWhenReady(IoWatcher& watcher, net::Direction direction, Waiter& waiter)
      : waiter_(waiter) {
    watcher.arm(direction);
    watcher.waiters(direction).add(*this);
  }

  void notified() noexcept override { waiter_.notified(); }

 private:
  Waiter& waiter_;
};

}  // namespace greenroom::detail
