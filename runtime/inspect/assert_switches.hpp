// assert_switches(): asserts in a test that a piece of code does not keep other
// greenlets from running.
//
//   assert_switches(10ms, [&] { index.rebuild(); });
//
// Thread rule: the calling hub's.
// Behaves as gevent.util.assert_switches (gevent 26.5, src/gevent/util.py).
// Unlike gevent, time in which the hub sleeps does not count.
#pragma once

#include "../core/clock.hpp"
#include "../core/export.hpp"
#include "../core/hub.hpp"
#include "../core/wait.hpp"

#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

namespace greenroom {

/// A greenlet kept the hub for longer than was allowed.
class GREENROOM_API FailedToSwitch : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

namespace detail {

// While it lives, measures for how long greenlets keep the calling hub.
class GREENROOM_API SwitchWatch final : public WaitNode {
 public:
  explicit SwitchWatch(Hub& hub);
  ~SwitchWatch() = default;

  /// Throws FailedToSwitch if a greenlet kept it for longer than `limit`.
  void check(Duration limit);
  /// Throws FailedToSwitch if the hub did not go on to another greenlet.
  void check_any() const;

 private:
  void notified() noexcept override;
  void end_stretch();

  // owning hub only
  Hub& hub_;
  const std::uint64_t taken_at_begin_;
  TimePoint begin_;  // when the present stretch began
  std::string who_;  // the greenlet that has run since then
  Duration longest_{};
  std::string longest_who_;
};

}  // namespace detail

/// Calls `body()` and returns what it returns. Afterwards throws FailedToSwitch
/// if any greenlet of the hub, the caller or another, ran meanwhile for longer
/// than `limit`, by the hub's clock, without giving way. If the body throws,
/// that exception is thrown instead. May be nested. Costs the hub a look at its
/// clock for each greenlet that it runs.
template <class Body>
decltype(auto) assert_switches(Duration limit, Body&& body);

/// As above, but throws if nothing else had a chance to run at all.
template <class Body>
decltype(auto) assert_switches(Body&& body);

namespace detail {

template <class Body, class Check>
decltype(auto) call_and_check(Body&& body, Check check) {
  if constexpr (std::is_void_v<std::invoke_result_t<Body>>) {
    std::invoke(std::forward<Body>(body));
    check();
  } else {
    decltype(auto) result = std::invoke(std::forward<Body>(body));
    check();
    return result;
  }
}

}  // namespace detail

template <class Body>
decltype(auto) assert_switches(Duration limit, Body&& body) {
  detail::SwitchWatch watch(Hub::current());
  return detail::call_and_check(std::forward<Body>(body),
                                [&] { watch.check(limit); });
}

template <class Body>
decltype(auto) assert_switches(Body&& body) {
  detail::SwitchWatch watch(Hub::current());
  return detail::call_and_check(std::forward<Body>(body),
                                [&] { watch.check_any(); });
}

}  // namespace greenroom
