#include "../../support/catch2.hpp"
#include "../../support/run_hub.hpp"

#include <greenroom/runtime/inspect/assert_switches.hpp>
#include <greenroom/runtime/tasks/join.hpp>
#include <greenroom/runtime/tasks/spawn.hpp>

#include <algorithm>
#include <stdexcept>
#include <string>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;

// Its time passes only when somebody computes or sleeps.
class LabourClock final : public Clock {
 public:
  void compute(Duration time) { now_ += time; }
  [[nodiscard]] TimePoint now() noexcept override { return now_; }
  [[nodiscard]] bool skip_to(TimePoint due) noexcept override {
    now_ = std::max(now_, due);
    return true;
  }

 private:
  TimePoint now_{};
};

// What assert_switches() throws in the main greenlet of a hub on `clock`.
template <class Body>
std::string complaint(LabourClock& clock, Duration limit, Body body) {
  const Hub hub(HubOptions{.name = "stage", .clock = &clock});
  std::string text = "none";
  try {
    assert_switches(limit, body);
  } catch (const FailedToSwitch& e) {
    text = e.what();
  }
  wait();
  return text;
}

TEST_CASE("assert_switches: throws if the caller keeps the hub for too long",
          "[runtime][assert_switches]") {
  LabourClock clock;

  CHECK(complaint(clock, 100ms, [&] { clock.compute(101ms); }) ==
        "main kept stage for 0.101 s without giving way; 0.1 s are allowed");
}

TEST_CASE("assert_switches: does not throw if the caller gives way in time",
          "[runtime][assert_switches]") {
  LabourClock clock;

  CHECK(complaint(clock, 100ms, [&] {
          for (int i = 0; i < 100; ++i) {
            clock.compute(99ms);
            sleep();
          }
        }) == "none");
}

TEST_CASE("assert_switches: names another greenlet that kept the hub",
          "[runtime][assert_switches]") {
  LabourClock clock;

  CHECK(
      complaint(clock, 100ms, [&] {
        spawn({.name = "light"}, [&] { clock.compute(150ms); });
        spawn({.name = "heavy"}, [&] {
          sleep(1s);
          clock.compute(200ms);
        });
        sleep(2s);
      }) == "heavy kept stage for 0.2 s without giving way; 0.1 s are allowed");
}

TEST_CASE("assert_switches: time in which the hub sleeps does not count",
          "[runtime][assert_switches]") {
  LabourClock clock;

  CHECK(complaint(clock, 100ms, [&] { sleep(1h); }) == "none");
}

TEST_CASE("assert_switches: time before and after the call does not count",
          "[runtime][assert_switches]") {
  LabourClock clock;
  const Hub hub(HubOptions{.clock = &clock});

  clock.compute(1s);
  assert_switches(100ms, [] {});
  clock.compute(1s);
  assert_switches(100ms, [] { sleep(); });
}

TEST_CASE("assert_switches: without a limit throws if nobody else could run",
          "[runtime][assert_switches]") {
  run_hub([&] {
    CHECK_THROWS_AS(assert_switches([] {}), FailedToSwitch);
    CHECK_NOTHROW(assert_switches([] { sleep(); }));
    CHECK_NOTHROW(assert_switches([] { sleep(1s); }));
  });
}

TEST_CASE(
    "assert_switches: returns what the body returns, throws what it throws",
    "[runtime][assert_switches]") {
  run_hub([&] {
    int number = 5;
    CHECK(assert_switches(1s, [] { return 7; }) == 7);
    assert_switches(1s, [&]() -> int& { return number; }) = 6;
    CHECK(number == 6);
    CHECK_THROWS_AS(
        assert_switches([]() -> int { throw std::out_of_range("body"); }),
        std::out_of_range);
  });
}

TEST_CASE("assert_switches: may be nested, and used by several greenlets",
          "[runtime][assert_switches]") {
  LabourClock clock;
  const Hub hub(HubOptions{.clock = &clock});
  int complaints = 0;

  const auto strict = [&] {
    try {
      assert_switches(100ms, [&] {
        assert_switches(1s, [&] {
          sleep();
          clock.compute(200ms);
        });
      });
    } catch (const FailedToSwitch&) {
      ++complaints;
    }
  };
  joinall({spawn(strict), spawn(strict)});

  CHECK(complaints == 2);
}

TEST_CASE("assert_switches: leaves the order of events as it is",
          "[runtime][assert_switches]") {
  const auto order_of = [](bool watched) {
    std::string log;
    run_hub([&] {
      const auto body = [&] {
        for (char name = 'a'; name <= 'e'; ++name)
          spawn([&log, name] {
            for (int i = 0; i < 50; ++i) {
              log += name;
              if (i % 7 == 0)
                sleep(1ms);
              else
                sleep();
            }
          });
        sleep(1s);
      };
      if (watched)
        assert_switches(1s, body);
      else
        body();
    });
    return log;
  };

  CHECK(order_of(true) == order_of(false));
}

}  // namespace
}  // namespace greenroom::test
