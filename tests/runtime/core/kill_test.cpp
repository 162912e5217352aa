// How a greenlet is killed, in every state it can be in.

#include "../../support/catch2.hpp"
#include "../../support/guard.hpp"
#include "../../support/run_hub.hpp"

#include <greenroom/runtime/core/greenlet.hpp>
#include <greenroom/runtime/tasks/join.hpp>
#include <greenroom/runtime/tasks/spawn.hpp>

#include <stdexcept>
#include <string>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;
using Log = std::vector<std::string>;

TEST_CASE("kill: one that was never started never runs", "[runtime][kill]") {
  Log log;

  run_hub([&] {  // Trap 3; gevent 57, test__greenlet.TestKill.test_block
    class Speaks : public Greenlet {
     public:
      explicit Speaks(Log& log) : log_(log) {}

     private:
      void run() override { log_.push_back("ran"); }
      Log& log_;
    };
    const auto g = make_greenlet<Speaks>(log);
    g->link([&](Greenlet&) { log.push_back("link"); });
    CHECK(g->kill());
    CHECK(g->dead());
    CHECK(g->successful());
    g->start();
  });

  CHECK(log == Log{"link"});
}

TEST_CASE("kill: one that has not run yet is dead at once, and never runs",
          "[runtime][kill]") {
  Log log;

  run_hub([&] {  // Trap 3; gevent 58, test__greenlet.TestKillAfterStart
    const auto g = spawn([&] { log.push_back("ran"); });
    g->link([&](Greenlet&) { log.push_back("link"); });
    g->kill_soon();
    CHECK(g->dead());
    CHECK(g->successful());
    CHECK_THROWS_AS(g->get(), GreenletExit);
  });

  CHECK(log == Log{"link"});
}

TEST_CASE("kill: one that was to start later never runs", "[runtime][kill]") {
  Log log;

  run_hub([&] {  // Trap 3; gevent 59, test__greenlet.TestKillAfterStartLater
    const auto g = spawn_later(1s, [&] { log.push_back("ran"); });
    sleep();
    g->kill_soon();
    CHECK(g->dead());
    sleep(2s);
  });

  CHECK(log.empty());
}

TEST_CASE("kill: a parked one is unwound where it waits", "[runtime][kill]") {
  Log log;

  run_hub([&](TestHub& h) {
    // Trap 3; gevent 60, test__greenlet.TestKillWhileRunning
    const auto g = spawn([&] {
      const Guard guard{log, "unwound"};
      sleep(5s);
      log.push_back("awake");
    });
    sleep();
    CHECK(g->kill());
    log.push_back("killer");
    CHECK(h.elapsed() == 0s);
  });

  CHECK(log == Log{"unwound", "killer"});
}

TEST_CASE("kill: waits for destructors and handlers that wait",
          "[runtime][kill]") {
  Log log;

  run_hub([&](TestHub& h) {  // gevent 67, test__api.Test.test_killing_dormant
    const auto g = spawn([&] {
      try {
        sleep(100s);
      } catch (const GreenletExit&) {
        sleep(2s);
        log.push_back("cleaned up");
      }
    });
    sleep();
    g->kill();
    log.push_back("killer");
    CHECK(h.elapsed() == 2s);
  });

  CHECK(log == Log{"cleaned up", "killer"});
}

TEST_CASE("kill: a dead one stays as it is", "[runtime][kill]") {
  run_hub([&] {  // Trap 3; gevent 61
    const auto g = spawn([] { return 5; });
    g->join();
    CHECK(g->kill());
    g->kill_soon();
    sleep();
    CHECK(g->get() == 5);
  });
}

TEST_CASE("kill: with another exception it is a failure", "[runtime][kill]") {
  const auto error = std::make_exception_ptr(std::runtime_error("die"));

  run_hub([&] {  // gevent 62, test__greenlet.TestKill.test_non_type_exception
    const auto parked = spawn([] { sleep(1s); });
    sleep();
    const auto queued = spawn([] {});
    CHECK(queued->kill(error));
    CHECK(parked->kill(error));
    for (const auto& g : {parked, queued}) {
      CHECK_FALSE(g->successful());
      CHECK(g->exception() == error);
      CHECK_THROWS_WITH(g->get(), "die");
    }
  });
}

TEST_CASE("kill: with a subclass of GreenletExit it is a good end, too",
          "[runtime][kill]") {
  struct Retired : GreenletExit {};

  run_hub([&] {  // gevent 65
    const auto g = spawn([] { sleep(1s); });
    sleep();
    g->kill(std::make_exception_ptr(Retired()));
    CHECK(g->successful());
    CHECK(g->exception() == nullptr);
    CHECK_THROWS_AS(g->get(), Retired);
  });
}

TEST_CASE("kill: a greenlet that catches it may return a value or fail",
          "[runtime][kill]") {
  run_hub([&] {  // gevent 66
    const auto returns = spawn([] {
      try {
        sleep(1s);
      } catch (const GreenletExit&) {
        return 7;
      }
      return 0;
    });
    const auto fails = spawn([] {
      try {
        sleep(1s);
      } catch (const GreenletExit&) {
        throw std::runtime_error("answered");
      }
    });
    sleep();
    killall({returns, fails});
    CHECK(returns->get() == 7);
    CHECK(returns->successful());
    CHECK_THROWS_WITH(fails->get(), "answered");
  });
}

TEST_CASE("kill: a greenlet that throws GreenletExit itself ends well",
          "[runtime][kill]") {
  run_hub([&] {  // gevent 43
    const auto g = spawn([] { throw GreenletExit("enough"); });
    g->join();
    CHECK(g->successful());
    CHECK(g->exception() == nullptr);
  });
}

TEST_CASE("kill: is not caught as a std::exception", "[runtime][kill]") {
  run_hub([&] {
    const auto g = spawn([] {
      try {
        sleep(1s);
      } catch (const std::exception&) {
      }
      return 1;
    });
    sleep();
    g->kill();
    CHECK(g->value() == nullptr);
  });
}

TEST_CASE("kill: is false if swallowed until the limit, the next one counts",
          "[runtime][kill]") {
  int swallowed = 0;

  run_hub([&](TestHub& h) {  // gevent 68
    const auto g = spawn([&] {
      while (swallowed < 2) {
        try {
          sleep(100s);
        } catch (const GreenletExit&) {
          ++swallowed;
        }
      }
      sleep(100s);
    });
    sleep();
    CHECK_FALSE(g->kill(nullptr, 1s));
    CHECK_FALSE(g->kill(nullptr, 1s));
    CHECK(h.elapsed() == 2s);
    CHECK(g->kill(nullptr, 1s));
    CHECK(h.elapsed() == 2s);
  });

  CHECK(swallowed == 2);
}

TEST_CASE("kill: two kills under way both arrive, in order",
          "[runtime][kill]") {
  Log log;

  run_hub([&] {  // gevent 69
    const auto g = spawn([&] {
      for (int i = 0; i < 2; ++i) {
        try {
          sleep(100s);
        } catch (const std::exception& e) {
          log.push_back(e.what());
        }
      }
    });
    sleep();
    g->kill_soon(std::make_exception_ptr(std::runtime_error("first")));
    g->kill_soon(std::make_exception_ptr(std::runtime_error("second")));
    g->join();
  });

  CHECK(log == Log{"first", "second"});
}

TEST_CASE("kill: reaches a ready greenlet at its next wait",
          "[runtime][kill]") {
  Log log;

  run_hub([&] {  // gevent 70
    const auto goes_on = spawn([&] {
      const Guard guard{log, "unwound"};
      sleep();
      log.push_back("woke");
      sleep();
      log.push_back("never");
    });
    const auto ends = spawn([&] { return sleep(), 5; });
    sleep();
    goes_on->kill_soon();
    ends->kill_soon();
    joinall({goes_on, ends});
    CHECK(ends->get() == 5);  // no wait came
  });

  CHECK(log == Log{"woke", "unwound"});
}

TEST_CASE("kill: of the caller throws at once, kill_soon() at the next wait",
          "[runtime][kill]") {
  Log log;

  run_hub([&] {  // Trap 3; gevent 71
    const auto at_once = spawn([&] {
      const Guard guard{log, "at once"};
      current().kill();
      log.push_back("never");
    });
    const auto soon = spawn([&] {
      const Guard guard{log, "unwound"};
      current().kill_soon();
      log.push_back("still here");
      sleep();
      log.push_back("never");
    });
    joinall({at_once, soon});
    CHECK(at_once->successful());
    CHECK(soon->successful());
  });

  CHECK(log == Log{"at once", "still here", "unwound"});
}

TEST_CASE("kill: reaches a greenlet in sleep(0) or idle() for ever",
          "[runtime][kill]") {
  run_hub([&] {
    const auto yields = spawn([] {
      for (;;) sleep();
    });
    const auto idles = spawn([] {
      for (;;) idle();
    });
    sleep();
    CHECK(yields->kill(nullptr, 1s));
    CHECK(idles->kill(nullptr, 1s));
  });
}

TEST_CASE("kill: inside a catch block unwinds and keeps what was caught",
          "[runtime][kill]") {
  Log log;

  run_hub([&] {  // Trap 3 and trap 1
    const auto g = spawn([&] {
      try {
        throw std::runtime_error("caught");
      } catch (const std::runtime_error& e) {
        const Guard guard{log, "unwound"};
        try {
          sleep(1s);
        } catch (const GreenletExit&) {
          log.push_back(e.what());
          throw;
        }
      }
    });
    sleep();
    g->kill();
    CHECK(g->successful());
  });

  CHECK(log == Log{"caught", "unwound"});
}

TEST_CASE("kill: the killer may be killed while it waits", "[runtime][kill]") {
  run_hub([&] {
    const auto stubborn = spawn([] {
      try {
        sleep(100s);
      } catch (const GreenletExit&) {
        sleep(5s);
      }
      return 1;
    });
    sleep();
    const auto killer = spawn([&] { stubborn->kill(); });
    sleep();
    CHECK(killer->kill(nullptr, 1s));
    CHECK_FALSE(stubborn->dead());
    CHECK(stubborn->get() == 1);
  });
}

TEST_CASE("kill: can be sent to the main greenlet", "[runtime][kill]") {
  run_hub([&] {
    Greenlet& main = current();
    spawn([&] { main.kill_soon(); });
    CHECK_THROWS_AS(sleep(1s), GreenletExit);
    CHECK_FALSE(main.dead());
  });
}

}  // namespace
}  // namespace greenroom::test
