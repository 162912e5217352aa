// An AsyncResult holds one value or exception that is not there yet, for any
// number of greenlets that wait for it.
//
// Thread rule: owning hub only. From elsewhere, Hub::post() a call to set().
// Order: waiters wake in the order in which they began to wait.
// Behaves as gevent.event.AsyncResult (gevent 26.5, src/gevent/event.py).
#pragma once

#include "../core/clock.hpp"
#include "../core/errors.hpp"
#include "../core/export.hpp"
#include "../core/hub.hpp"
#include "../core/wait.hpp"

#include <exception>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

namespace greenroom {

namespace detail {

// What does not depend on the type of the value.
class GREENROOM_API AsyncResultBase : public Waitable {
 public:
  /// A value or an exception is there.
  [[nodiscard]] bool ready() const noexcept final { return ready_; }
  /// A value is there.
  [[nodiscard]] bool successful() const noexcept {
    return ready_ && exception_ == nullptr;
  }
  /// Null unless set_exception() was the last to be called.
  [[nodiscard]] const std::exception_ptr& exception() const noexcept {
    return exception_;
  }

  /// Makes it ready with an exception: every waiter is thrown the same object.
  void set_exception(std::exception_ptr what);

 protected:
  AsyncResultBase();
  AsyncResultBase(AsyncResultBase&&) noexcept = default;
  AsyncResultBase& operator=(AsyncResultBase&&) = delete;
  ~AsyncResultBase() = default;

  void became_ready() noexcept;
  /// Parks until ready; false if `limit` passes first.
  bool wait_ready(Duration limit, const WaitReason& reason) {
    assert_here("AsyncResult::get");
    if (ready_) return true;
    Waiter waiter(reason, this);
    waiters_.add(waiter);
    return waiter.park(limit);
  }
  /// Rethrows the exception, if there is one.
  void check() const {
    if (exception_ != nullptr) [[unlikely]]
      std::rethrow_exception(exception_);
  }
  void assert_here(const char* call) const { hub_->assert_here(call); }

  static const WaitReason kWaitsForResult;

 private:
  WaitList& wait_list() noexcept final { return waiters_; }

  // const after construction
  Hub* hub_;

  // owning hub only
  WaitList waiters_;
  std::exception_ptr exception_;
  bool ready_ = false;
};

}  // namespace detail

/// Not thread-safe. May be set again: the last value counts. Can be moved while
/// nobody waits. T may be void.
template <class T = void>
class AsyncResult : public detail::AsyncResultBase {
 public:
  /// T, or std::monostate for void.
  using Value = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

  /// Belongs to the calling thread's hub.
  AsyncResult() = default;
  AsyncResult(AsyncResult&&) noexcept = default;
  virtual ~AsyncResult() = default;

  /// Makes it ready and wakes everybody who waits. Does not park.
  template <class... Args>
  void set(Args&&... args) {
    assert_here("AsyncResult::set");
    value_.emplace(std::forward<Args>(args)...);
    became_ready();
  }

  /// Parks until it is ready, and returns the value or throws the exception.
  /// Throws TimeoutError if `limit` passes first.
  const Value& get(Duration limit = forever) {
    if (!wait_ready(limit, wait_reason())) throw_timeout(limit);
    check();
    return *value_;
  }

  /// As get(), and moves the value out. Once only: a second take() finds what
  /// the move left.
  Value take(Duration limit = forever) {
    get(limit);
    return std::move(*value_);
  }

  /// As get() without parking: throws TimeoutError if it is not ready.
  const Value& get_nowait() {
    if (!ready()) throw TimeoutError(Duration::zero());
    check();
    return *value_;
  }

  /// Parks until it is ready, and returns the value; null if there is an
  /// exception, or if `limit` passes first.
  const Value* wait(Duration limit = forever) {
    wait_ready(limit, wait_reason());
    return value();
  }

  /// The value if it is there, else null.
  [[nodiscard]] const Value* value() const noexcept {
    return successful() ? &*value_ : nullptr;
  }

 protected:
  /// How reports name a wait for it. An ask overrides this, to say more.
  [[nodiscard]] virtual const WaitReason& wait_reason() const noexcept {
    return kWaitsForResult;
  }
  /// Throws what get() and take() throw when `limit` has passed. An ask
  /// overrides this, to say more.
  [[noreturn]] virtual void throw_timeout(Duration limit) {
    throw TimeoutError(limit);
  }

 private:
  std::optional<Value> value_;
};

}  // namespace greenroom
