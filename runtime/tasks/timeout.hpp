// A Timeout limits how long a greenlet may take over something, however many
// waits that has.
//
// Thread rule: owning hub only.
// Order: of several that are due together, the one started first fires first.
// Behaves as gevent.Timeout (gevent 26.5, src/gevent/timeout.py).
#pragma once

#include "../core/clock.hpp"
#include "../core/errors.hpp"
#include "../core/export.hpp"
#include "../core/greenlet.hpp"
#include "../core/timer.hpp"

#include <exception>
#include <string>
#include <type_traits>
#include <utility>

namespace greenroom {

/// Throws into the greenlet that started it, wherever it waits, once the time
/// is up; never while it computes. Cancelled when destroyed.
class GREENROOM_API Timeout {
 public:
  /// Not started. Throws TimeoutError; with `forever` it never does.
  explicit Timeout(Duration limit = forever) noexcept;
  /// TimeoutError with these words after the time.
  Timeout(Duration limit, std::string text);
  /// Throws this instead.
  Timeout(Duration limit, std::exception_ptr instead) noexcept;
  Timeout(const Timeout&) = delete;
  Timeout& operator=(const Timeout&) = delete;
  ~Timeout() { cancel(); }

  /// One that is started already.
  [[nodiscard]] static Timeout start_new(Duration limit);
  /// Throws a TooLong made of `args` instead of a TimeoutError.
  template <class TooLong, class... Args>
  [[nodiscard]] static Timeout start_new(Duration limit, Args&&... args) {
    return Timeout(
        limit, std::make_exception_ptr(TooLong(std::forward<Args>(args)...)),
        StartNow{});
  }

  /// Starts the time, for the current greenlet; again after it has fired or
  /// was cancelled. Throws std::logic_error if it runs already.
  void start();
  /// It will not fire. Does nothing if it does not run.
  void cancel() noexcept;

  /// Runs: it was started, and has neither fired nor been cancelled.
  [[nodiscard]] bool pending() const noexcept { return timer_.is_running(); }
  /// The time that it grants.
  [[nodiscard]] Duration limit() const noexcept { return limit_; }
  /// Tells its TimeoutErrors from those of others: see TimeoutError::is().
  [[nodiscard]] TimeoutError::Serial serial() const noexcept { return serial_; }

 private:
  struct StartNow {};
  struct Alarm : detail::Timer {
    explicit Alarm(Timeout& owner) noexcept;
    Timeout& timeout;
  };

  Timeout(Duration limit, std::exception_ptr instead, StartNow);
  void fire() noexcept;

  // const after construction
  const Duration limit_;
  const std::string text_;
  const std::exception_ptr instead_;
  const TimeoutError::Serial serial_;

  // owning hub only
  GreenletPtr sufferer_;  // since start(), until cancel()
  Alarm timer_;
};

/// f(), or TimeoutError if it takes longer.
template <class F>
auto with_timeout(Duration limit, F&& f) {
  const Timeout timeout = Timeout::start_new(limit);
  return std::forward<F>(f)();
}

/// f(), or `fallback` if it takes longer. Another Timeout's error passes.
template <class F, class T>
auto with_timeout(Duration limit, F&& f, T&& fallback)
    -> std::invoke_result_t<F> {
  const Timeout timeout = Timeout::start_new(limit);
  try {
    return std::forward<F>(f)();
  } catch (const TimeoutError& e) {
    if (!e.is(timeout)) throw;
    return std::forward<T>(fallback);
  }
}

/// Calls f(): true, or false if it takes longer; what it returns is dropped.
/// gevent's `with Timeout(seconds, False)`. Another Timeout's error passes.
template <class F>
[[nodiscard]] bool within(Duration limit, F&& f) {
  const Timeout timeout = Timeout::start_new(limit);
  try {
    static_cast<void>(std::forward<F>(f)());
    return true;
  } catch (const TimeoutError& e) {
    if (!e.is(timeout)) throw;
    return false;
  }
}

}  // namespace greenroom
