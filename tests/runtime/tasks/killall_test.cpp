// killall(): several greenlets at once.

#include "../../support/catch2.hpp"
#include "../../support/guard.hpp"
#include "../../support/run_hub.hpp"

#include <greenroom/runtime/tasks/join.hpp>
#include <greenroom/runtime/tasks/spawn.hpp>

#include <list>
#include <stdexcept>
#include <string>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;
using Log = std::vector<std::string>;

TEST_CASE("killall: kills in the order given, those that never ran at once",
          "[runtime][killall]") {
  Log log;

  run_hub([&] {  // gevent 72
    const auto parked = [&](const char* name) {
      return spawn([&log, name] {
        const Guard guard{log, name};
        sleep(100s);
      });
    };
    const auto a = parked("a");
    const auto b = parked("b");
    sleep();
    const auto unbegun = spawn([&] { log.push_back("never"); });
    unbegun->link([&](Greenlet&) { log.push_back("unbegun"); });
    CHECK(killall({b, unbegun, a}));
    CHECK(unbegun->dead());
  });

  CHECK(log == Log{"b", "unbegun", "a"});
}

TEST_CASE("killall: throws what it is given into all of them",
          "[runtime][killall]") {
  const auto error = std::make_exception_ptr(std::runtime_error("die"));

  run_hub([&] {  // gevent 64, test__greenlet.TestKill.test_*_killall
    const auto parked = spawn([] { sleep(100s); });
    sleep();
    const auto queued = spawn([] {});
    const auto delayed = spawn_later(1s, [] {});
    const auto gone = spawn([] {});
    gone->kill();
    CHECK(killall({parked, queued, delayed, gone}, error));
    for (const auto& g : {parked, queued, delayed})
      CHECK(g->exception() == error);
    CHECK(gone->successful());
  });
}

TEST_CASE("killall: false if some survive the limit", "[runtime][killall]") {
  run_hub([&](TestHub& h) {
    // Unlike gevent 74, which throws: one rule for all that kill.
    const auto stubborn = spawn([] {
      try {
        sleep(100s);
      } catch (const GreenletExit&) {
        sleep(100s);
      }
    });
    const auto soft = spawn([] { sleep(100s); });
    sleep();
    const std::list<GreenletPtr> both{stubborn, soft};  // any range: gevent 75
    CHECK_FALSE(killall(both, nullptr, 1s));
    CHECK(h.elapsed() == 1s);
    CHECK(soft->dead());
    CHECK_FALSE(stubborn->dead());
    CHECK(killall(both));
    CHECK(killall(both));  // dead already
    CHECK(killall(std::list<GreenletPtr>()));
  });
}

TEST_CASE("killall: the caller, if among them, dies at its wait",
          "[runtime][killall]") {
  Log log;

  run_hub([&] {
    const auto other = spawn([] { sleep(100s); });
    const auto g = spawn([&] {
      const Guard guard{log, "unwound"};
      killall({other, GreenletPtr(&current())});
      log.push_back("never");
    });
    joinall({other, g});
    CHECK(g->successful());
  });

  CHECK(log == Log{"unwound"});
}

}  // namespace
}  // namespace greenroom::test
