#include "places.hpp"

#include "../core/errors.hpp"
#include "../core/hub.hpp"

namespace greenroom::detail {
namespace {

constexpr WaitReason kWaitsForPlace{"a place in a pool"};

}  // namespace

bool Places::take_later(Duration limit) {
  if (!is_closed_ && limit <= Duration::zero()) return false;
  if (!is_closed_) {
    Waiter waiter(kWaitsForPlace, this);
    takers_.add(waiter);
    if (!waiter.park(limit)) return false;
  }
  if (is_closed_) throw PoolClosed("the pool is closed");
  return true;  // whoever woke us has taken it for us
}

void Places::give_back() noexcept {
  // The one that is notified has the place, even if it is killed before it
  // runs: the kill is then thrown at its next wait only.
  if (taken_ <= capacity_ && takers_.notify_one()) return;
  --taken_;
  if (free() != 0) lookers_.notify_all();
}

std::size_t Places::wait_free(Duration limit) {
  if (free() != 0 || is_closed_ || limit <= Duration::zero()) return free();
  Waiter waiter(kWaitsForPlace, this);
  lookers_.add(waiter);
  waiter.park(limit);
  return free();
}

void Places::close() noexcept {
  is_closed_ = true;
  takers_.notify_all();
  lookers_.notify_all();
}

void Places::set_capacity(std::size_t capacity) noexcept {
  capacity_ = capacity;
  while (taken_ < capacity_ && takers_.notify_one()) ++taken_;
  if (free() != 0) lookers_.notify_all();
}

}  // namespace greenroom::detail
