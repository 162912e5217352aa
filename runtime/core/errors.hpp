// What greenroom throws, and how it ends a program that broke the thread rule.
//
// Thread rule: any thread; these are plain values.
// Source of the names: gevent.exceptions and greenlet (gevent 26.5).
#pragma once

#include "clock.hpp"
#include "export.hpp"

#include <concepts>
#include <cstdint>
#include <stdexcept>
#include <string>

namespace greenroom {

/// Unwinds a greenlet that was killed. A greenlet that ends with it has ended
/// well: it counts as successful.
///
/// Not derived from std::exception, so that `catch (const std::exception&)` in
/// user code does not catch a kill.
class GREENROOM_API GreenletExit {
 public:
  GreenletExit() = default;
  /// With another text than "GreenletExit".
  explicit GreenletExit(std::string why) : why_(std::move(why)) {}

  /// Why it was killed.
  [[nodiscard]] const char* what() const noexcept { return why_.c_str(); }

 private:
  std::string why_ = "GreenletExit";
};

/// Time is up. Not derived from std::exception, so that
/// `catch (const std::exception&)` in user code does not catch it.
class GREENROOM_API TimeoutError {
 public:
  /// Different for each Timeout.
  enum class Serial : std::uint64_t { none };

  /// `text` follows the time in what(). Without a serial it is of a wait that
  /// had a limit of its own, and belongs to no Timeout.
  explicit TimeoutError(Duration limit, const std::string& text = {},
                        Serial serial = Serial::none);

  /// The limit, and the text.
  [[nodiscard]] const char* what() const noexcept { return what_.c_str(); }
  /// True if it was this Timeout that ran out. Others are for somebody else to
  /// catch, so `if (!e.is(mine)) throw;`.
  template <class Timeout>
  requires requires(const Timeout& timeout) {
    { timeout.serial() } -> std::same_as<Serial>;
  }
  [[nodiscard]] bool is(const Timeout& timeout) const noexcept {
    return serial_ == timeout.serial();
  }

 private:
  std::string what_;
  Serial serial_;
};

/// Thrown in the main greenlet when nothing is left that could ever wake it.
/// The text lists who waits for what, and since when.
class GREENROOM_API LoopExit : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A call that parks was made where nothing may park: in a callback of the hub.
class GREENROOM_API BlockingSwitchOutError : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

/// A switch to a greenlet that cannot be switched to.
class GREENROOM_API InvalidSwitchError : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

/// Two greenlets used an object at the same time that only one may use.
class GREENROOM_API ConcurrentObjectUseError : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

/// A greenlet called join() or get() on itself: it would wait for ever. Unlike
/// gevent, where it does wait.
class GREENROOM_API SelfJoinError : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

/// There is nothing to get from a queue, and nothing came within the limit.
class GREENROOM_API Empty : public std::runtime_error {
 public:
  Empty() : std::runtime_error("the queue is empty") {}
};

/// There is no room in a queue, and none became free within the limit.
class GREENROOM_API Full : public std::runtime_error {
 public:
  Full() : std::runtime_error("the queue is full") {}
};

/// The queue was closed: nothing more may be put, or nothing is left to get.
class GREENROOM_API Closed : public std::runtime_error {
 public:
  Closed() : std::runtime_error("the queue is closed") {}
};

/// No place became free in a Pool in time. (gevent.pool.PoolFull.)
class GREENROOM_API PoolFull : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The Pool takes no more members: it was closed, killed or destroyed.
class GREENROOM_API PoolClosed : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

namespace detail {

/// Prints one sentence to stderr and aborts. For misuse that has already put
/// memory at risk.
[[noreturn]] GREENROOM_API void abort_with(
    const std::string& sentence) noexcept;

}  // namespace detail
}  // namespace greenroom
