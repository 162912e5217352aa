#include "greenroom/runtime/wait.hpp"

#include "greenroom/runtime/greenlet.hpp"
#include "greenroom/runtime/hub.hpp"

namespace greenroom {

Waiter::Limit::Limit() noexcept
    : Timer([](Timer& timer) noexcept {
        static_cast<Limit&>(timer).waiter->wake(Outcome::timed_out);
      }) {}

Waiter::Waiter(const WaitReason& reason, const void* object) {
  Hub& hub = Hub::current();
  hub.assert_may_park();
  record_.greenlet = hub.running();
  record_.reason = &reason;
  record_.object = object;
}

bool Waiter::park(Duration limit) {
  Greenlet& self = *record_.greenlet;
  Hub& hub = self.hub_;
  record_.is_shielded = hub.exception_state_.uncaught != 0;
  if (self.has_interrupt() && !record_.is_shielded) [[unlikely]] {
    unlink();
    std::rethrow_exception(self.take_interrupt());
  }
  hub.stacks_.reserve();
  if (limit != forever) {
    limit_.waiter = this;
    limit_.start(hub.timers_, deadline_after(hub.now(), limit));
  }

  record_.since = hub.now_;
  self.waiter_ = this;
  self.state_ = Greenlet::State::parked;
  hub.waiting_.push_back(record_);
  hub.park(self);

  limit_.stop();
  if (outcome_ == Outcome::interrupted) [[unlikely]]
    std::rethrow_exception(self.take_interrupt());
  return outcome_ == Outcome::notified;
}

void Waiter::notified() noexcept { wake(Outcome::notified); }

void Waiter::wake(Outcome outcome) noexcept {
  Greenlet& self = *record_.greenlet;
  // The first of an item, a kill and a timeout wins; the others find the
  // greenlet ready. After fork() it may be somebody the child does not have.
  if (self.state_ != Greenlet::State::parked) return;
  outcome_ = outcome;
  unlink();
  self.hub_.waiting_.erase(self.hub_.waiting_.iterator_to(record_));
  self.waiter_ = nullptr;
  self.hub_.make_ready(self);
}

}  // namespace greenroom
