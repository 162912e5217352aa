#include "spawn.hpp"

#include "../core/hub.hpp"

namespace greenroom {
namespace {

constexpr WaitReason kSleeps{"its sleep to end"};

}  // namespace

void detail::sleep_for(Duration duration) {
  Hub& hub = Hub::current();
  Waiter waiter(kSleeps, &hub);
  waiter.park(duration);
}

void idle() { Hub::current().idle(); }

Greenlet& current() {
  Hub& hub = Hub::current();
  hub.assert_may_park();
  return *hub.running();
}

}  // namespace greenroom
