#include "condition.hpp"

namespace greenroom {
namespace {

constexpr WaitReason kWaitsForCondition{"a condition"};

}  // namespace

bool Condition::wait(Duration limit) {
  lock_.check_mine("Condition::wait");
  Waiter waiter(kWaitsForCondition, this);
  waiters_.add(waiter);
  const std::size_t depth = lock_.release_all();
  bool notified = false;
  try {
    notified = waiter.park(limit);
  } catch (...) {
    lock_.take_back(depth);
    throw;
  }
  lock_.take_back(depth);
  return notified;
}

void Condition::notify(std::size_t count) {
  lock_.check_mine("Condition::notify");
  while (count-- > 0 && waiters_.notify_one()) {
  }
}

void Condition::notify_all() {
  lock_.check_mine("Condition::notify_all");
  waiters_.notify_all();
}

}  // namespace greenroom
