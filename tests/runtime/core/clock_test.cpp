#include "../../support/catch2.hpp"
#include "../../support/run_hub.hpp"

#include <greenroom/runtime/core/clock.hpp>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;

TEST_CASE("clock: a virtual one stands still and jumps when it is told to",
          "[runtime][clock]") {
  VirtualClock clock;
  const TimePoint start = clock.now();

  CHECK(clock.now() == start);
  CHECK(clock.skip_to(start + 5s));
  CHECK(clock.now() == start + 5s);
  CHECK(clock.skip_to(start + 1s));  // never backwards
  CHECK(clock.now() == start + 5s);
}

TEST_CASE("clock: the steady one does not jump", "[runtime][clock]") {
  SteadyClock clock;
  const TimePoint before = clock.now();

  CHECK_FALSE(clock.skip_to(before + 24h));
  CHECK(clock.now() >= before);
  CHECK(clock.now() < before + 24h);
}

TEST_CASE("clock: a deadline never overflows, and is never in the past",
          "[runtime][clock]") {
  const TimePoint start = TimePoint() + 1h;

  CHECK(deadline_after(start, 5s) == start + 5s);
  CHECK(deadline_after(start, 0s) == start);
  CHECK(deadline_after(start, -5s) == start);
  CHECK(deadline_after(start, forever) == TimePoint::max());
  CHECK(deadline_after(TimePoint::max() - 1s, 5s) == TimePoint::max());
}

TEST_CASE("clock: a hub on virtual time passes a century at once",
          "[runtime][clock]") {
  run_hub([&](TestHub& h) {
    sleep(24h * 36525);
    CHECK(h.elapsed() == 24h * 36525);
  });
}

TEST_CASE("clock: a hub on real time sleeps at least as long as it should",
          "[runtime][clock]") {
  const Hub hub;
  const auto before = std::chrono::steady_clock::now();

  sleep(2ms);
  Event().wait(3ms);

  CHECK(std::chrono::steady_clock::now() - before >= 5ms);
}

TEST_CASE("clock: a sleeper wakes although another greenlet never rests",
          "[runtime][clock]") {
  // Each look at this clock moves it on a little.
  class Ticking final : public Clock {
   public:
    TimePoint now() noexcept override { return now_ += 1us; }
    bool skip_to(TimePoint due) noexcept override {
      now_ = due > now_ ? due : now_;
      return true;
    }

   private:
    TimePoint now_{};
  };

  Ticking clock;  // gevent 5, test__sleep0
  const Hub hub({.clock = &clock});
  bool stop = false;
  const auto spinner = spawn([&] {
    while (!stop) sleep();
  });
  sleep(1ms);
  stop = true;
  CHECK(spinner->join());
}

}  // namespace
}  // namespace greenroom::test
