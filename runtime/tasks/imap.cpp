#include "imap.hpp"

namespace greenroom::detail {
namespace {

constexpr WaitReason kWaitsForResult{"the next result of a map"};
constexpr WaitReason kWaitsForDemand{"somebody to take a map's results"};

}  // namespace

bool ImapBase::wait_for_demand() {
  while (maxsize_ != 0 && ahead_ >= maxsize_ && !is_abandoned_) {
    Waiter waiter(kWaitsForDemand, this);
    feeder_.add(waiter);
    waiter.park();
  }
  return !is_abandoned_;
}

void ImapBase::has_fed(std::exception_ptr why) noexcept {
  is_fed_ = true;
  range_failure_ = std::move(why);
  if (running_ == 0) asker_.notify_all();
}

void ImapBase::has_ended(bool is_next) noexcept {
  --running_;
  if (is_next || is_over()) asker_.notify_all();
}

void ImapBase::was_taken() noexcept {
  --ahead_;
  feeder_.notify_one();
}

void ImapBase::wait_for_result() {
  Waiter waiter(kWaitsForResult, this);
  asker_.add(waiter);
  waiter.park();
}

}  // namespace greenroom::detail
