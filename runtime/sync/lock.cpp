#include "lock.hpp"

#include <utility>

namespace greenroom {

namespace {

Greenlet& running_on(const Hub& hub) {
  hub.assert_may_park();
  return *hub.running();
}

}  // namespace

namespace detail {

const WaitReason LockBase::kWaitsForLock{"a lock", false,
                                         &LockBase::describe_holder};

LockBase::LockBase() : Semaphore(1, 1, kWaitsForLock) {}

std::string LockBase::describe_holder(const void* object) {
  const auto* semaphore = static_cast<const Semaphore*>(object);
  const Greenlet* holder =
      static_cast<const LockBase*>(semaphore)->holder().get();
  if (holder == nullptr) return "held by no greenlet";
  return "held by " + holder->name() +
         (holder->dead() ? ", which has ended" : "");
}

}  // namespace detail

void Lock::release() {
  hub().assert_here("Lock::release");
  if (!locked())
    throw LockNotHeldError("release() of a lock that is not locked");
  give();
}

bool RLock::acquire(Duration limit) {
  hub().assert_here("RLock::acquire");
  Greenlet& self = running_on(hub());
  if (holder() != &self && !take_for(&self, limit)) return false;
  ++depth_;
  return true;
}

bool RLock::try_acquire() {
  hub().assert_here("RLock::try_acquire");
  Greenlet& self = running_on(hub());
  if (holder() != &self && !try_take_for(&self)) return false;
  ++depth_;
  return true;
}

void RLock::release() {
  check_mine("RLock::release");
  if (--depth_ == 0) give();
}

std::size_t RLock::release_all() {
  const std::size_t depth = std::exchange(depth_, 0);
  give();
  return depth;
}

void RLock::take_back(std::size_t depth) {
  take_back_for(&running_on(hub()));
  depth_ = depth;
}

void RLock::check_mine(const char* call) const {
  hub().assert_here(call);
  if (is_mine()) return;
  throw LockNotHeldError(std::string(call) + ": the lock is held by " +
                         (holder() == nullptr ? "nobody" : holder()->name()));
}

}  // namespace greenroom
