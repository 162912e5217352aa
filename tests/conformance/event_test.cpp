// gevent's Event, number by number: conformance/README.md.

#include "../support/catch2.hpp"
#include "../support/run_hub.hpp"

#include <greenroom/runtime/sync/event.hpp>
#include <greenroom/runtime/tasks/join.hpp>
#include <greenroom/runtime/tasks/spawn.hpp>

#include <string>
#include <thread>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;
using Log = std::vector<std::string>;

// Waits for the event, and logs how the wait ended.
GreenletPtr waiter(Log& log, Event& event, const char* name) {
  return spawn([&log, &event, name] {
    log.push_back(std::string(name) + (event.wait() ? " set" : " late"));
  });
}

// event.TestEventWait, lock_tests.EventTests.test_timeout
TEST_CASE("gevent 133: wait() says whether it was set in time",
          "[conformance][event]") {
  run_hub([&](TestHub& h) {
    Event event;
    CHECK_FALSE(event.wait(1s));
    CHECK(h.elapsed() == 1s);
    spawn_later(1s, [&] { event.set(); });
    CHECK(event.wait(5s));
    CHECK(h.elapsed() == 2s);
  });
}

TEST_CASE("gevent 134: wait() for a set event does not give way",
          "[conformance][event]") {
  Log log;

  run_hub([&] {
    Event event;
    event.set();
    const auto other = spawn([&] { log.push_back("other"); });
    CHECK(event.wait());
    log.push_back("main");
    other->join();
  });

  CHECK(log == Log{"main", "other"});
}

TEST_CASE("gevent 135: set() does not give way, waiters run in FIFO order",
          "[conformance][event]") {
  Log log;

  run_hub([&] {
    Event event;
    const auto first = waiter(log, event, "first");
    const auto second = waiter(log, event, "second");
    sleep();
    event.set();
    log.push_back("setter");
    joinall({first, second});
  });

  CHECK(log == Log{"setter", "first set", "second set"});
}

// event.TestEvent_SetThenClear, SetThenClear100, SetThenClear1000
TEST_CASE("gevent 136: all waiters wake even if it is cleared at once",
          "[conformance][event]") {
  const std::size_t count = GENERATE(as<std::size_t>(), 1, 100, 1000);
  Log log;

  run_hub([&] {
    Event event;
    std::vector<GreenletPtr> all;
    for (std::size_t i = 0; i < count; ++i)
      all.push_back(waiter(log, event, "waiter"));
    sleep();
    event.set();
    event.clear();
    joinall(all);
  });

  CHECK(log == Log(count, "waiter set"));
}

// event.TestEventBasics.test_wait_while_notifying
TEST_CASE(
    "gevent 137: a greenlet that finds it set while others are woken runs "
    "after them, in the same pass",
    "[conformance][event]") {
  Log log;

  run_hub([&](TestHub& h) {
    Event event;
    const auto earlier = waiter(log, event, "earlier");
    sleep();
    event.set();
    event.wait();
    log.push_back("finder");
    CHECK(h.elapsed() == 0s);
    CHECK(earlier->dead());
  });

  CHECK(log == Log{"earlier set", "finder"});
}

// event.TestGeventWaitOnEvent.test_set_during_wait
TEST_CASE("gevent 138: a waiter that clears it and waits again does wait",
          "[conformance][event]") {
  int wakes = 0;

  run_hub([&] {
    Event event;
    const auto g = spawn([&] {
      for (;;) {
        event.wait();
        event.clear();
        ++wakes;
      }
    });
    sleep();
    event.set();
    sleep(1s);
    CHECK(wakes == 1);
    event.set();
    sleep(1s);
    g->kill();
  });

  CHECK(wakes == 2);
}

TEST_CASE("gevent 139: waiters queue at set(), like spawned greenlets",
          "[conformance][event]") {
  Log log;

  run_hub([&] {
    Event event;
    const auto g = waiter(log, event, "waiter");
    sleep();
    spawn([&] { log.push_back("spawned before"); });
    event.set();
    spawn([&] { log.push_back("spawned after"); });
    wait();
  });

  CHECK(log == Log{"spawned before", "waiter set", "spawned after"});
}

TEST_CASE(
    "gevent 141: a waiter that is killed or times out leaves nothing behind",
    "[conformance][event]") {
  Log log;

  run_hub([&] {
    Event event;
    const auto killed = waiter(log, event, "killed");
    const auto late = spawn([&] {
      log.push_back(event.wait(1s) ? "in time" : "late");
      sleep(5s);
      log.push_back("slept");
    });
    const auto stays = waiter(log, event, "stays");
    sleep();
    killed->kill();
    sleep(2s);
    event.set();
    joinall({late, stays});
  });

  CHECK(log == Log{"late", "stays set", "slept"});
}

// event.TestEventCrossThread
TEST_CASE("gevent 142: another thread sets it by post()",
          "[conformance][event]") {
  run_hub([&] {
    // Unlike gevent, set() itself from there aborts with a sentence.
    Event event;
    std::thread other(
        [&, &hub = Hub::current()] { hub.post([&] { event.set(); }); });
    CHECK(event.wait());
    other.join();
  });
}

}  // namespace
}  // namespace greenroom::test
