#include "hub_list.hpp"

#include <mutex>
#include <vector>

namespace greenroom::detail {
namespace {

// A mutex, because it is used rarely: when a hub begins or ends, and by those
// who look at all hubs. docs/decisions/0006.
struct Hubs {
  std::mutex lock;
  std::vector<Hub*> all;
};

Hubs& hubs() {
  static auto* only = new Hubs;  // outlives static destruction
  return *only;
}

}  // namespace

void HubList::add(Hub& hub) {
  const std::scoped_lock guard(hubs().lock);
  hubs().all.push_back(&hub);
}

void HubList::remove(Hub& hub) noexcept {
  const std::scoped_lock guard(hubs().lock);
  std::erase(hubs().all, &hub);
}

void HubList::for_each(const std::function<void(Hub&)>& visit) {
  const std::scoped_lock guard(hubs().lock);
  for (Hub* hub : hubs().all) visit(*hub);
}

void HubList::before_fork() noexcept { hubs().lock.lock(); }

void HubList::after_fork_in_parent() noexcept { hubs().lock.unlock(); }

void HubList::after_fork_in_child(Hub* survivor) noexcept {
  std::erase_if(hubs().all, [=](Hub* hub) { return hub != survivor; });
  hubs().lock.unlock();
}

}  // namespace greenroom::detail
