#include "async_result.hpp"

#include "../core/hub.hpp"

namespace greenroom::detail {

const WaitReason AsyncResultBase::kWaitsForResult{"a result"};

AsyncResultBase::AsyncResultBase() : hub_(&Hub::current()) {}

void AsyncResultBase::set_exception(std::exception_ptr what) {
  assert_here("AsyncResult::set_exception");
  exception_ = std::move(what);
  ready_ = true;
  waiters_.notify_all();
}

void AsyncResultBase::became_ready() noexcept {
  exception_ = nullptr;
  ready_ = true;
  waiters_.notify_all();
}

}  // namespace greenroom::detail
