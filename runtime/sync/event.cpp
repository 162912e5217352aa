#include "event.hpp"

#include "../core/hub.hpp"

namespace greenroom {
namespace {

constexpr WaitReason kWaitsForEvent{"an event"};

}  // namespace

Event::Event() : hub_(Hub::current()) {}

void Event::set() {
  hub_.assert_here("Event::set");
  if (set_) return;
  set_ = true;
  if (waiters_.empty()) return;
  waiters_.notify_all();
  woken_until_ = hub_.readied();
}

void Event::clear() {
  hub_.assert_here("Event::clear");
  set_ = false;
}

bool Event::wait(Duration limit) {
  hub_.assert_here("Event::wait");
  if (set_) {
    // Those that set() woke, and that have not run yet, go first.
    if (hub_.taken() < woken_until_) hub_.yield();
    return true;
  }
  Waiter waiter(kWaitsForEvent, this);
  waiters_.add(waiter);
  return waiter.park(limit);
}

}  // namespace greenroom
