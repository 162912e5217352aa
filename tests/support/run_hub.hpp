// A hub of its own for a test, on time that does not pass by itself.
//
//   run_hub([&](TestHub& h) {
//     spawn([&] { sleep(5ms), log.push_back("awake"); });
//     h.advance(5ms);
//   });
//
// The body is the hub's main greenlet. Time is virtual: it stands still while
// anything is ready, and jumps to the next deadline when nothing is. When the
// body has returned, the hub runs until nothing is left to do, and ends. If
// greenlets still use locals of the body then, the body must call wait()
// itself.
//
// Catch2's assertions belong to the test's own stack: greenlets write to a log,
// and the test looks at it afterwards.
#pragma once

#include <greenroom/greenroom.hpp>

#include <concepts>
#include <utility>

namespace greenroom::test {

struct TestHub {
  /// Lets this much time pass; everything that is due in it happens.
  void advance(Duration time) const { sleep(time); }
  /// How much time has passed since the hub began.
  [[nodiscard]] Duration elapsed() const {
    return Hub::current().now() - TimePoint();
  }
};

template <class Body>
void run_hub(Body&& body, HubOptions options = {}) {
  VirtualClock clock;
  options.clock = &clock;
  const Hub hub(std::move(options));
  if constexpr (std::invocable<Body, TestHub&>) {
    TestHub h;
    std::forward<Body>(body)(h);
  } else {
    std::forward<Body>(body)();
  }
  wait();
}

}  // namespace greenroom::test
