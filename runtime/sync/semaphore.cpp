#include "semaphore.hpp"

#include "../core/greenlet.hpp"

#include <algorithm>
#include <string>

namespace greenroom {

const WaitReason Semaphore::kWaitsForPermit{"a permit of a semaphore"};

void Semaphore::Turn::notified() noexcept {
  Waiter::notified();
  if (!is_waiting()) ++owner_.promised_;
}

Semaphore::Semaphore(std::ptrdiff_t permits)
    : Semaphore(permits, kUnbounded, kWaitsForPermit) {}

Semaphore::Semaphore(std::ptrdiff_t permits, std::ptrdiff_t bound,
                     const WaitReason& reason)
    : hub_(Hub::current()), bound_(bound), reason_(reason), counter_(permits) {
  if (permits < 0)
    throw std::invalid_argument("a semaphore cannot begin with " +
                                std::to_string(permits) + " permits");
}

std::ptrdiff_t Semaphore::wait(Duration limit) {
  hub_.assert_here("Semaphore::wait");
  if (counter_ == 0) {
    Waiter waiter(reason_, this);
    waiters_.add(waiter);
    waiter.park(limit);
  }
  return counter_;
}

bool Semaphore::wait_for_permit(Duration limit, bool is_shielded) {
  const std::uint64_t number = ++last_turn_;
  for (bool is_new = true;; is_new = false) {
    Turn turn(*this, number);
    if (is_shielded) turn.shield();
    if (is_new)
      waiters_.add(turn);
    else
      back_to_its_place(turn);
    if (!turn.park(limit)) return false;
    --promised_;
    if (take()) return true;
    limit = turn.left_of(limit);  // somebody was faster
  }
}

// Before all younger ones.
void Semaphore::back_to_its_place(Turn& turn) noexcept {
  const auto younger =
      std::find_if(returned_.begin(), returned_.end(),
                   [&](const Turn& t) { return t.number() > turn.number(); });
  returned_.insert(younger, turn);
}

// Wakes a Turn for each permit that is not promised yet, and those in front of
// it who only wait.
void Semaphore::wake_waiters() noexcept {
  while (counter_ > promised_ && !returned_.empty()) {
    Turn& oldest = returned_.front();
    returned_.pop_front();
    oldest.notified();
  }
  while (counter_ > promised_ && waiters_.notify_one()) {
  }
}

void Semaphore::refuse() const {
  throw OverReleaseError("release() of a semaphore that has all of its " +
                         std::to_string(bound_) + " permits");
}

}  // namespace greenroom
