#include "barrier.hpp"

#include <utility>

namespace greenroom {
namespace {

constexpr WaitReason kWaitsForOthers{"the others at a barrier"};

[[noreturn]] void throw_broken() {
  throw BrokenBarrierError("the barrier is broken");
}

}  // namespace

Barrier::Arrival::Arrival(const Barrier& barrier)
    : Waiter(kWaitsForOthers, &barrier) {}

Barrier::Barrier(std::size_t parties, std::function<void()> action)
    : hub_(Hub::current()), parties_(parties), action_(std::move(action)) {
  if (parties == 0)
    throw std::invalid_argument("a barrier needs at least one party");
}

std::size_t Barrier::wait(Duration limit) {
  hub_.assert_here("Barrier::wait");
  if (acts_) wait_outside(limit);
  if (broken_) throw_broken();
  if (waiting() + 1 == parties_) return complete();
  Arrival arrival(*this);
  arrivals_.push_back(arrival);
  if (!arrival.park(limit)) {
    abort();
    throw_broken();
  }
  if (arrival.is_sent_away) throw_broken();
  return arrival.number;
}

// All parties have arrived, and the last one runs the action: one that comes
// now belongs to the next round.
void Barrier::wait_outside(Duration limit) {
  while (acts_) {
    Waiter waiter(kWaitsForOthers, this);
    outside_.add(waiter);
    if (!waiter.park(limit)) return abort();
    limit = waiter.left_of(limit);
  }
}

std::size_t Barrier::complete() {
  if (action_) {
    acts_ = true;
    try {
      action_();
    } catch (...) {
      acts_ = false;
      outside_.notify_all();
      abort();
      throw;
    }
    acts_ = false;
    outside_.notify_all();
    if (broken_) throw_broken();
  }
  std::size_t number = 0;
  while (!arrivals_.empty()) {
    Arrival& oldest = arrivals_.front();
    arrivals_.pop_front();
    oldest.number = number++;
    oldest.notified();
  }
  return number;
}

void Barrier::abort() {
  hub_.assert_here("Barrier::abort");
  broken_ = true;
  send_away();
}

void Barrier::reset() {
  hub_.assert_here("Barrier::reset");
  broken_ = false;
  send_away();
}

void Barrier::send_away() noexcept {
  while (!arrivals_.empty()) {
    Arrival& oldest = arrivals_.front();
    arrivals_.pop_front();
    oldest.is_sent_away = true;
    oldest.notified();
  }
}

}  // namespace greenroom
