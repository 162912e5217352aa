// gevent's scheduling, number by number: conformance/README.md.

#include "../support/catch2.hpp"
#include "../support/run_hub.hpp"

#include <greenroom/runtime/core/clock.hpp>
#include <greenroom/runtime/core/hub.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <string>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;
using Log = std::vector<std::string>;

// Its time passes with each look at it, and when a test says so.
class LookedAtClock final : public Clock {
 public:
  explicit LookedAtClock(Duration step) : step_(step) {}

  [[nodiscard]] TimePoint now() noexcept override {
    ++looks;
    return now_ += step_;
  }
  [[nodiscard]] bool skip_to(TimePoint due) noexcept override {
    now_ = std::max(now_, due);
    return true;
  }
  void pass(Duration time) { now_ += time; }

  int looks = 0;

 private:
  const Duration step_;
  TimePoint now_{};
};

TEST_CASE("gevent 1: spawn() never runs the function at once",
          "[conformance][hub]") {
  Log log;

  run_hub([&] {
    spawn([&] { log.push_back("spawned"); });
    log.push_back("spawner");
    sleep();
    log.push_back("switched");
  });

  CHECK(log == Log{"spawner", "spawned", "switched"});
}

// order.TestSleep0.test
TEST_CASE("gevent 2: greenlets start, and sleep(0) returns, in FIFO order",
          "[conformance][hub]") {
  Log log;

  run_hub([&] {
    const auto twice = [&](std::string name) {
      log.push_back(name + "A");
      sleep();
      log.push_back(name + "B");
    };
    joinall({spawn(twice, "1"), spawn(twice, "2")});
  });

  CHECK(log == Log{"1A", "2A", "1B", "2B"});
}

TEST_CASE("gevent 3: a child queues behind what is ready, before any I/O",
          "[conformance][hub]") {
  Log log;

  run_hub([&] {
    Hub& hub = Hub::current();
    hub.add_io_user();
    boost::asio::post(hub.io_context(), [&] { log.push_back("I/O"); });
    spawn([&] {
      spawn([&] { log.push_back("child"); });
      log.push_back("parent");
    });
    spawn([&] { log.push_back("sibling"); });
    sleep(1s);
    hub.remove_io_user();
  });

  CHECK(log == Log{"parent", "sibling", "child", "I/O"});
}

// api.TestTimers.test_spawn_is_not_cancelled
TEST_CASE("gevent 4: a child lives on when its spawner returns at once",
          "[conformance][hub]") {
  Log log;

  run_hub([&] {
    spawn([&] { spawn([&] { log.push_back("child"); }); });
    wait();
  });

  CHECK(log == Log{"child"});
}

// sleep0 (a module of gevent's tests)
TEST_CASE("gevent 5: a greenlet that spins in sleep(0) does not starve timers",
          "[conformance][hub]") {
  bool awake = false;
  int spins = 0;
  LookedAtClock clock(1ms);

  {
    const Hub hub({.clock = &clock});
    const auto sleeper = spawn([&] { sleep(20ms), awake = true; });
    while (!awake && spins < 100'000) ++spins, sleep();
    sleeper->join();
  }

  CHECK(awake);
  // The loop looks at the clock after a number of turns, not before each.
  CHECK(spins > 100);
  CHECK(spins < 10'000);
}

TEST_CASE("gevent 6: a negative sleep gives way like sleep(0)",
          "[conformance][hub]") {
  Log log;

  run_hub([&](TestHub& h) {
    spawn([&] { log.push_back("other"); });
    sleep(-5s);
    log.push_back("main");
    CHECK(h.elapsed() == 0s);
  });

  CHECK(log == Log{"other", "main"});
}

// api_timeout.Test.test_sleep_calls_update_now
TEST_CASE("gevent 7: sleep() counts from now, and looks at the clock once",
          "[conformance][hub]") {
  LookedAtClock clock(0s);
  int looks = 0;

  const Hub hub({.clock = &clock});
  const auto other = spawn([&] { looks = clock.looks; });
  clock.pass(10s);  // a long computation
  clock.looks = 0;
  sleep(1s);

  CHECK(looks == 1);
  CHECK(clock.now() == TimePoint() + 11s);
}

TEST_CASE(
    "gevent 8: sleeps end in order of their deadlines, equal ones in order of "
    "their start",
    "[conformance][hub]") {
  Log log;

  run_hub([&] {
    const auto sleeper = [&](const char* name, Duration time) {
      return spawn([&log, name, time] { sleep(time), log.push_back(name); });
    };
    joinall({sleeper("c", 2s), sleeper("a", 1s), sleeper("b", 1s)});
  });

  CHECK(log == Log{"a", "b", "c"});
}

TEST_CASE(
    "gevent 9: if all are due, ready greenlets run first, then timers, then "
    "I/O",
    "[conformance][hub]") {
  Log log;

  run_hub([&] {
    Hub& hub = Hub::current();
    hub.add_io_user();
    boost::asio::post(hub.io_context(),
                      [&] { spawn([&] { log.push_back("I/O"); }); });
    spawn_later(0s, [&] { log.push_back("timer"); });
    spawn([&] { log.push_back("ready"); });
    sleep(1s);
    hub.remove_io_user();
  });

  CHECK(log == Log{"ready", "timer", "I/O"});
}

TEST_CASE("gevent 10: a wait of the same length as its Timeout wins, each time",
          "[conformance][hub]") {
  int completed = 0;

  run_hub([&] {
    for (int i = 0; i < 40; ++i)
      if (within(5ms, [] { sleep(5ms); })) ++completed;
  });

  CHECK(completed == 40);
}

TEST_CASE("gevent 11: idle() returns when everything that is ready has run",
          "[conformance][hub]") {
  Log log;

  run_hub([&] {
    spawn([&] {
      sleep();
      spawn([&] { log.push_back("child"); });
    });
    idle();
    log.push_back("idle");
  });

  CHECK(log == Log{"child", "idle"});
}

// core_callback.Test.test, loop_callback.Test.test
TEST_CASE(
    "gevent 12: posted calls run in FIFO order, a spawned call can be stopped "
    "before it runs",
    "[conformance][hub]") {
  Log log;

  run_hub([&] {
    Hub& hub = Hub::current();
    hub.post([&] { log.push_back("first"); });
    hub.post([&] { log.push_back("second"); });
    // Unlike gevent, a posted call has no handle: spawn what you may want to
    // take back.
    const auto callback = spawn([&] { log.push_back("never"); });
    CHECK(callback->started());
    callback->kill_soon();
    CHECK_FALSE(callback->started());
    sleep(1s);
  });

  CHECK(log == Log{"first", "second"});
}

}  // namespace
}  // namespace greenroom::test
