#include "shutdown.hpp"

#include "greenlet.hpp"
#include "hub.hpp"

#include <vector>

namespace greenroom {

void shutdown() {
  Hub& hub = Hub::current();
  // Collect all of them first: a kill changes the lists that we visit.
  std::vector<GreenletPtr> living;
  hub.for_each_living([&](const Greenlet& greenlet) {
    if (&greenlet != &hub.main() && &greenlet != hub.running())
      living.emplace_back(const_cast<Greenlet*>(&greenlet));
  });
  for (const GreenletPtr& each : living)
    if (!each->dead()) each->kill_soon();
}

}  // namespace greenroom
