#include "../../support/catch2.hpp"

#include <greenroom/runtime/core/timer.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;
using detail::Timer;
using detail::TimerQueue;

// A timer that calls any function.
struct Calls : Timer {
  explicit Calls(std::function<void()> f, Priority priority = Priority::normal)
      : Timer([](Timer& t) noexcept { static_cast<Calls&>(t).function(); },
              priority),
        function(std::move(f)) {}
  std::function<void()> function;
};

constexpr TimePoint start{};

TEST_CASE("timer: fires by deadline, equal ones in the order of starting",
          "[runtime][timer]") {
  TimerQueue queue;
  std::vector<std::string> log;
  Calls late([&] { log.push_back("2s"); });
  Calls first([&] { log.push_back("1s, first"); });
  Calls second([&] { log.push_back("1s, second"); });
  Calls future([&] { log.push_back("never"); });

  late.start(queue, start + 2s);
  first.start(queue, start + 1s);
  future.start(queue, start + 3s);
  second.start(queue, start + 1s);
  CHECK(queue.next_deadline() == start + 1s);

  CHECK_FALSE(queue.fire_due(start));
  CHECK(log.empty());
  CHECK(queue.fire_due(start + 2s));
  CHECK(log == std::vector<std::string>{"1s, first", "1s, second", "2s"});
  CHECK_FALSE(late.is_running());
  CHECK(future.is_running());
  CHECK(future.deadline() == start + 3s);
}

TEST_CASE("timer: priority `after` fires after all others of a pass",
          "[runtime][timer]") {
  TimerQueue queue;  // gevent 10
  std::vector<std::string> log;
  Calls after([&] { log.push_back("after"); }, Timer::Priority::after);
  Calls later([&] { log.push_back("later"); }, Timer::Priority::after);
  Calls plain([&] { log.push_back("plain"); });

  later.start(queue, start + 2s);
  after.start(queue, start + 1s);
  plain.start(queue, start + 3s);

  queue.fire_due(start + 3s);
  CHECK(log == std::vector<std::string>{"plain", "after", "later"});
  CHECK(queue.empty());
}

TEST_CASE("timer: stopped or destroyed, it does not fire", "[runtime][timer]") {
  TimerQueue queue;
  int fired = 0;
  Calls stopped([&] { ++fired; });
  auto destroyed = std::make_unique<Calls>([&] { ++fired; });

  stopped.start(queue, start);
  destroyed->start(queue, start);
  stopped.stop();
  stopped.stop();
  destroyed.reset();

  CHECK(queue.empty());
  CHECK_FALSE(queue.fire_due(start + 1s));
  CHECK(fired == 0);
}

TEST_CASE("timer: a callback may stop timers that are due with it",
          "[runtime][timer]") {
  TimerQueue queue;
  std::vector<std::string> log;
  Calls plain([&] { log.push_back("plain"); });
  Calls after([&] { log.push_back("after"); }, Timer::Priority::after);
  Calls last([&] { log.push_back("last"); }, Timer::Priority::after);
  Calls stops([&] { plain.stop(), after.stop(); });

  stops.start(queue, start);
  plain.start(queue, start);
  after.start(queue, start);
  last.start(queue, start);

  queue.fire_due(start);
  CHECK(log == std::vector<std::string>{"last"});
  CHECK_FALSE(after.is_running());
}

TEST_CASE("timer: one of priority `after` may stop the next",
          "[runtime][timer]") {
  TimerQueue queue;
  std::vector<std::string> log;
  Calls second([&] { log.push_back("second"); }, Timer::Priority::after);
  Calls first([&] { second.stop(), log.push_back("first"); },
              Timer::Priority::after);

  first.start(queue, start);
  second.start(queue, start);

  queue.fire_due(start);
  CHECK(log == std::vector<std::string>{"first"});
}

TEST_CASE("timer: may be started again, also in its own callback",
          "[runtime][timer]") {
  TimerQueue queue;
  int fired = 0;
  Calls again([&] {
    if (++fired < 3) again.start(queue, start + fired * 1s);
  });

  again.start(queue, start);
  queue.fire_due(start);
  CHECK(fired == 1);
  queue.fire_due(start + 5s);
  CHECK(fired == 3);
}

TEST_CASE("timer: its callback may destroy it", "[runtime][timer]") {
  TimerQueue queue;
  int fired = 0;
  std::unique_ptr<Calls> timer;
  timer = std::make_unique<Calls>([&] {
    ++fired;
    std::exchange(timer, nullptr).reset();
  });

  timer->start(queue, start);
  queue.fire_due(start);

  CHECK(fired == 1);
  CHECK(timer == nullptr);
}

}  // namespace
}  // namespace greenroom::test
