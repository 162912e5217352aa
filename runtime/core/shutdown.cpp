#include "shutdown.hpp"

#include "greenlet.hpp"
#include "hub.hpp"

#include <vector>

namespace greenroom {

void shutdown() {
  Hub& hub = Hub::current();
  // First all, then each: a kill changes the lists that are shown.
  std::vector<GreenletPtr> living;
  hub.for_each_living([&](const Greenlet& greenlet) {
    if (&greenlet != &hub.main() && &greenlet != hub.running())
      living.emplace_back(const_cast<Greenlet*>(&greenlet));
  });
  for (const GreenletPtr& each : living)
    if (!each->dead()) each->kill_soon();
}

}  // namespace greenroom
