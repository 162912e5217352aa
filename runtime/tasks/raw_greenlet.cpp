#include "raw_greenlet.hpp"

#include "../core/errors.hpp"
#include "../core/hub.hpp"
#include "spawn.hpp"

namespace greenroom {
namespace {

constexpr WaitReason kWaitsForSwitch{"a switch back"};

}  // namespace

// A greenlet that stands at a switch: the object of its wait.
struct RawGreenlet::Switch {
  Switch() : waiter(kWaitsForSwitch, this) {}

  static Switch* of(const Greenlet& greenlet) noexcept {
    const Waiting* waiting = greenlet.waiting();
    if (waiting == nullptr || waiting->reason != &kWaitsForSwitch)
      return nullptr;
    return static_cast<Switch*>(const_cast<void*>(waiting->object));
  }

  Waiter waiter;
  std::exception_ptr failure;  // of the child that ended
};

RawGreenlet::RawGreenlet(std::function<void()> function)
    : parent_(&current()), function_(std::move(function)) {}

void RawGreenlet::switch_to() {
  assert_on_hub("RawGreenlet::switch_to");
  Switch* there = Switch::of(*this);
  if (there == nullptr && state() != State::created)
    throw InvalidSwitchError(
        name() + (dead() ? " has ended"
                         : " cannot be switched to: it does not stand at a "
                           "switch"));
  Switch here;
  if (there != nullptr)
    there->waiter.hand_over();
  else
    start_next();
  here.waiter.park();
  if (here.failure != nullptr) std::rethrow_exception(here.failure);
}

RawGreenlet::Switch* RawGreenlet::find_waiting_parent() noexcept {
  for (Greenlet* ancestor = parent_.get(); ancestor != nullptr;) {
    if (Switch* found = Switch::of(*ancestor)) return found;
    auto* raw = dynamic_cast<RawGreenlet*>(ancestor);
    ancestor = raw == nullptr ? nullptr : raw->parent_.get();
  }
  return nullptr;
}

void RawGreenlet::run() {
  const std::function<void()> function = std::move(function_);
  function();
}

void RawGreenlet::dispatch() noexcept {
  std::exception_ptr why;
  bool has_failed = false;
  try {
    run();
  } catch (const GreenletExit&) {
    why = std::current_exception();
  } catch (...) {
    why = std::current_exception();
    has_failed = true;
  }
  Switch* parent = find_waiting_parent();
  if (parent != nullptr) {
    if (has_failed) parent->failure = why;
    parent->waiter.hand_over();
  }
  finish(std::move(why), parent != nullptr);
  intrusive_ptr_release(this);
}

}  // namespace greenroom
