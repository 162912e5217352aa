#include "semaphore.hpp"

#include "../core/greenlet.hpp"

#include <algorithm>
#include <string>

namespace greenroom {

const WaitReason Semaphore::kWaitsForPermit{"a permit of a semaphore"};

void Semaphore::Turn::notified() noexcept {
  // One that was killed or is late takes its place along: the permit is for the
  // next.
  if (!waiter_->is_waiting()) return;
  waiter_->notified();
  if (!waiter_->is_waiting()) ++owner_.promised_;
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
  const TimePoint deadline =
      limit == forever ? TimePoint::max() : deadline_after(hub_.now(), limit);
  Turn turn(*this, ++last_turn_);
  waiters_.add(turn);
  for (;;) {
    Waiter waiter(reason_, this);
    if (is_shielded) waiter.shield();
    turn.set_waiter(waiter);
    if (!waiter.park(limit)) return false;
    --promised_;
    if (take()) return true;
    // Somebody was faster. Back to its place, before all younger ones.
    const auto younger =
        std::find_if(returned_.begin(), returned_.end(),
                     [&](const Turn& t) { return t.number() > turn.number(); });
    returned_.insert(younger, turn);
    if (limit != forever)
      limit = std::max(deadline - hub_.now(), Duration::zero());
  }
}

// One Turn for each permit that is not promised yet, and all who only wait
// before it.
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
