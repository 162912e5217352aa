#include "wait.hpp"

#include "deadline.hpp"
#include "greenlet.hpp"
#include "hub.hpp"

namespace greenroom {

bool Waiter::park_until(Duration limit) {
  struct Limit : detail::Timer {
    explicit Limit(Waiter& owner) noexcept
        : Timer([](Timer& timer) noexcept {
            static_cast<Limit&>(timer).waiter.wake(Outcome::timed_out);
          }),
          waiter(owner) {}
    Waiter& waiter;
  };
  Hub& hub = record_.greenlet->hub_;
  Limit timer(*this);
  timer.start(hub.timers_, deadline_after(hub.now(), limit));
  return park();
}

void Waiter::interrupt() {
  unlink();
  record_.greenlet->throw_interrupt();
}

// `since` is exact: with a limit, park_until() has looked at the clock for it.
Duration Waiter::left_of(Duration limit) const {
  return detail::Deadline(record_.since, limit).left();
}

void Waiter::notified() noexcept { wake(Outcome::notified); }

void Waiter::hand_over() noexcept {
  Greenlet& self = *record_.greenlet;
  if (end(Outcome::notified)) self.hub_.make_ready_next(self);
}

void Waiter::wake(Outcome outcome) noexcept {
  Greenlet& self = *record_.greenlet;
  if (end(outcome)) self.hub_.make_ready(self);
}

// The first of an item, a kill and a timeout wins: true; the others find the
// greenlet ready. After fork() it may be somebody the child does not have.
bool Waiter::end(Outcome outcome) noexcept {
  Greenlet& self = *record_.greenlet;
  if (self.state_ != Greenlet::State::parked) return false;
  outcome_ = outcome;
  unlink();
  self.hub_.waiting_.erase(self.hub_.waiting_.iterator_to(record_));
  self.waiter_ = nullptr;
  return true;
}

}  // namespace greenroom
