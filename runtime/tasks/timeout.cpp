#include "timeout.hpp"

#include "../core/hub.hpp"

#include <atomic>
#include <cstdint>
#include <stdexcept>

namespace greenroom {
namespace {

TimeoutError::Serial next_serial() noexcept {
  // Each thread counts from a number of its own: a Timeout never leaves its
  // hub, but its error may, as the failure of an ask. Relaxed: nothing is
  // published by it.
  static std::atomic<std::uint64_t> threads{0};
  thread_local constinit std::uint64_t last = 0;
  if (last == 0)
    last = (threads.fetch_add(1, std::memory_order_relaxed) + 1) << 40U;
  return TimeoutError::Serial{++last};
}

}  // namespace

Timeout::Alarm::Alarm(Timeout& owner) noexcept
    : Timer(
          [](Timer& timer) noexcept {
            static_cast<Alarm&>(timer).timeout.fire();
          },
          Priority::after),
      timeout(owner) {}

Timeout::Timeout(Duration limit) noexcept
    : Timeout(limit, std::exception_ptr()) {}

Timeout::Timeout(Duration limit, std::string text)
    : limit_(limit),
      text_(std::move(text)),
      serial_(next_serial()),
      timer_(*this) {}

Timeout::Timeout(Duration limit, std::exception_ptr instead) noexcept
    : limit_(limit),
      instead_(std::move(instead)),
      serial_(next_serial()),
      timer_(*this) {}

Timeout::Timeout(Duration limit, std::exception_ptr instead, StartNow)
    : Timeout(limit, std::move(instead)) {
  start();
}

Timeout Timeout::start_new(Duration limit) {
  return Timeout(limit, nullptr, StartNow{});
}

void Timeout::start() {
  if (pending())
    throw std::logic_error("this Timeout runs already; cancel() it first");
  if (limit_ == forever) return;
  Hub& hub = Hub::current();
  hub.assert_may_park();
  sufferer_ = hub.running();
  timer_.start(hub.timers(), deadline_after(hub.now(), limit_));
}

void Timeout::cancel() noexcept {
  timer_.stop();
  if (sufferer_ == nullptr) return;
  // It may have fired at a greenlet that was ready, and wait to be thrown.
  sufferer_->withdraw_interrupt(this);
  sufferer_ = nullptr;
}

void Timeout::fire() noexcept {
  sufferer_->interrupt(
      instead_ != nullptr
          ? instead_
          : std::make_exception_ptr(TimeoutError(limit_, text_, serial_)),
      this);
}

}  // namespace greenroom
