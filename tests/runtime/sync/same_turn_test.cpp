// Trap 4: what is waited for, a kill and a limit that land in the same turn.
// Exactly one wins, the first, and nothing is lost.

#include "../../support/catch2.hpp"
#include "../../support/guard.hpp"
#include "../../support/run_hub.hpp"

#include <greenroom/runtime/core/timer.hpp>
#include <greenroom/runtime/sync/event.hpp>
#include <greenroom/runtime/tasks/spawn.hpp>
#include <greenroom/runtime/tasks/timeout.hpp>

#include <string>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;
using Log = std::vector<std::string>;

TEST_CASE("same turn: a kill after the event was set comes at the next wait",
          "[runtime][same_turn]") {
  Log log;

  run_hub([&] {  // as gevent 165
    Event event;
    const auto g = spawn([&] {
      const Guard guard{log, "unwound"};
      log.push_back(event.wait(100s) ? "set" : "late");
      sleep(1s);
      log.push_back("never");
    });
    sleep();
    event.set();
    g->kill_soon();
    g->join();
  });

  CHECK(log == Log{"set", "unwound"});
}

TEST_CASE("same turn: a kill before the event is set wins",
          "[runtime][same_turn]") {
  Log log;

  run_hub([&] {
    Event event;
    const auto killed = spawn([&] {
      const Guard guard{log, "unwound"};
      event.wait();
      log.push_back("never");
    });
    const auto waits = spawn([&] { event.wait(), log.push_back("set"); });
    sleep();
    killed->kill_soon();
    event.set();
    joinall({killed, waits});
  });

  CHECK(log == Log{"unwound", "set"});
}

TEST_CASE("same turn: a limit that ended first stands, the kill comes later",
          "[runtime][same_turn]") {
  Log log;

  run_hub([&] {
    Event event;
    const auto g = spawn([&] {
      const Guard guard{log, "unwound"};
      log.push_back(event.wait(1s) ? "set" : "late");
      sleep(1s);
      log.push_back("never");
    });
    sleep(1s);  // due with the limit, and asked for earlier
    g->kill_soon();
    event.set();
    g->join();
  });

  CHECK(log == Log{"late", "unwound"});
}

TEST_CASE("same turn: a wait that ends with its Timeout wins",
          "[runtime][same_turn]") {
  Log log;

  run_hub([&] {  // gevent 10
    {
      const Timeout limit = Timeout::start_new(5ms);
      sleep(5ms);
      log.push_back("slept");
    }
    sleep(1s);  // nothing comes after it
    log.push_back("slept again");
  });

  CHECK(log == Log{"slept", "slept again"});
}

TEST_CASE("same turn: a Timeout that fired before the event was set wins",
          "[runtime][same_turn]") {
  Log log;

  run_hub([&] {
    Event event;
    const auto g = spawn([&] {
      try {
        const Timeout limit = Timeout::start_new(1s);
        event.wait();
        log.push_back("set");
      } catch (const TimeoutError&) {
        log.push_back("late");
      }
      log.push_back(event.wait(5s) ? "set" : "late");
    });
    sleep();
    sleep(1s);  // due with the Timeout: wakes first, runs after it has fired
    event.set();
    g->join();
  });

  CHECK(log == Log{"late", "set"});
}

TEST_CASE(
    "same turn: a Timeout that fires once the event is set is taken back by "
    "cancel()",
    "[runtime][same_turn]") {
  Log log;

  // Sets an event when it is due.
  struct Setter : detail::Timer {
    explicit Setter(Event& e)
        : Timer([](Timer& timer) noexcept {
            static_cast<Setter&>(timer).event.set();
          }),
          event(e) {}
    Event& event;
  };

  run_hub([&] {  // gevent 127
    Event event;
    Setter setter(event);
    const auto g = spawn([&] {
      {
        const Timeout limit = Timeout::start_new(1s);
        event.wait();
        log.push_back(limit.pending() ? "pending" : "fired");
      }
      sleep(5s);
      log.push_back("slept");
    });
    sleep();
    // A plain timer: it comes before the Timeout that is due with it.
    setter.start(Hub::current().timers(), Hub::current().now() + 1s);
    g->join();
  });

  CHECK(log == Log{"fired", "slept"});
}

TEST_CASE(
    "same turn: a Timeout that fires once the event is set is thrown at the "
    "next wait",
    "[runtime][same_turn]") {
  Log log;

  run_hub([&] {
    const auto g = spawn([&] {
      const Timeout limit = Timeout::start_new(1s);
      sleep(1s);
      log.push_back("slept");
      try {
        sleep(5s);
      } catch (const TimeoutError& e) {
        log.push_back(e.is(limit) ? "then late" : "foreign");
      }
    });
    g->join();
  });

  CHECK(log == Log{"slept", "then late"});
}

}  // namespace
}  // namespace greenroom::test
