// gevent's kill, number by number: conformance/README.md.

#include "../support/catch2.hpp"
#include "../support/guard.hpp"
#include "../support/run_hub.hpp"
#include "../support/victims.hpp"

#include <greenroom/runtime/tasks/join.hpp>
#include <greenroom/runtime/tasks/spawn.hpp>

#include <stdexcept>
#include <string>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;
using Log = std::vector<std::string>;

std::exception_ptr error(const char* text) {
  return std::make_exception_ptr(std::runtime_error(text));
}

// greenlet.TestKill.test_block, .test_non_block
TEST_CASE(
    "gevent 57: a killed greenlet that was never started can no longer be "
    "started",
    "[conformance][kill]") {
  const bool blocks = GENERATE(true, false);
  Log log;

  run_hub([&] {
    const auto g = make_greenlet<Runs>(log);
    g->link([&](Greenlet&) { log.push_back("link"); });
    if (blocks)
      g->kill();
    else
      g->kill_soon();
    CHECK(g->dead());
    CHECK(g->successful());
    g->start();
    sleep();
  });

  CHECK(log == Log{"link"});
}

// greenlet.TestKillAfterStart
TEST_CASE(
    "gevent 58: a killed greenlet that has not run yet never runs, and is dead "
    "at once",
    "[conformance][kill]") {
  Log log;

  run_hub([&] {
    const auto g = spawn([&] { log.push_back("never"); });
    g->link([&](Greenlet&) { log.push_back("link"); });
    g->kill_soon();
    CHECK(g->dead());
    CHECK(g->successful());
    sleep();
  });

  CHECK(log == Log{"link"});
}

// greenlet.TestKillAfterStartLater
TEST_CASE("gevent 59: a killed greenlet that was to start later never runs",
          "[conformance][kill]") {
  Log log;

  run_hub([&](TestHub& h) {
    const auto g = spawn_later(1s, [&] { log.push_back("never"); });
    g->link([&](Greenlet&) { log.push_back("link"); });
    g->kill_soon();
    CHECK(g->dead());
    CHECK(g->successful());
    h.advance(2s);
  });

  CHECK(log == Log{"link"});
}

// greenlet.TestKillWhileRunning
TEST_CASE("gevent 60: a killed greenlet is unwound where it waits",
          "[conformance][kill]") {
  Log log;

  run_hub([&](TestHub& h) {
    const auto g = spawn([&] {
      const Guard guard{log, "unwound"};
      sleep(100s);
      log.push_back("never");
    });
    sleep();
    CHECK(g->kill());
    log.push_back("killed");
    CHECK(g->dead());
    CHECK(h.elapsed() == 0s);
  });

  CHECK(log == Log{"unwound", "killed"});
}

// greenlet.TestKill
TEST_CASE("gevent 61: a second kill changes nothing", "[conformance][kill]") {
  run_hub([&] {
    const auto g = spawn([] { return 5; });
    g->join();
    CHECK(g->kill(error("late")));
    g->kill_soon(error("late"));
    CHECK(g->get() == 5);
  });
}

// greenlet.TestKill.test_non_type_exception, issue607
TEST_CASE(
    "gevent 62: a kill with an exception other than GreenletExit makes it fail",
    "[conformance][kill]") {
  const auto what = error("die");

  run_hub([&] {
    const auto parked = spawn([] { sleep(100s); });
    sleep();
    const auto unbegun = spawn([] {});
    for (const auto& g : {unbegun, parked}) {
      g->kill(what);
      CHECK_FALSE(g->successful());
      CHECK(g->exception() == what);
      CHECK_THROWS_WITH(g->get(), "die");
    }
  });
}

// greenlet.TestKill.test_non_exc_exception
TEST_CASE("gevent 63: so does a kill with an object that is no std::exception",
          "[conformance][kill]") {
  run_hub([&] {
    const auto g = spawn([] { sleep(100s); });
    sleep();
    g->kill(std::make_exception_ptr(5));
    CHECK(g->dead());
    CHECK(g->exception() != nullptr);
    CHECK_THROWS_AS(g->get(), int);
  });
}

TEST_CASE("gevent 65: a subclass of GreenletExit is a good end as well",
          "[conformance][kill]") {
  struct Curtain : GreenletExit {};

  run_hub([&] {
    const auto g = spawn([] { sleep(100s); });
    sleep();
    g->kill(std::make_exception_ptr(Curtain()));
    CHECK(g->successful());
    CHECK_THROWS_AS(g->get(), Curtain);
  });
}

TEST_CASE(
    "gevent 66: a greenlet that catches the kill may return, or fail with "
    "another error",
    "[conformance][kill]") {
  run_hub([&] {
    const auto returns = spawn([] {
      try {
        sleep(100s);
      } catch (const GreenletExit&) {
      }
      return 7;
    });
    const auto fails = spawn([] {
      try {
        sleep(100s);
      } catch (const GreenletExit&) {
        throw std::runtime_error("answer");
      }
    });
    sleep();
    CHECK(killall({returns, fails}));
    CHECK(returns->successful());
    CHECK(returns->get() == 7);
    CHECK_FALSE(fails->successful());
    CHECK_THROWS_WITH(fails->get(), "answer");
  });
}

// api.Test.test_killing_dormant
TEST_CASE("gevent 67: kill() waits for handlers and destructors that wait",
          "[conformance][kill]") {
  Log log;

  run_hub([&](TestHub& h) {
    struct Waits {
      ~Waits() {
        sleep(1s);
        log.push_back("destructor");
      }
      Log& log;
    };
    const auto g = spawn([&] {
      const Waits waits{log};
      try {
        sleep(100s);
      } catch (const GreenletExit&) {
        sleep(1s);
        log.push_back("handler");
        throw;
      }
    });
    sleep();
    g->kill();
    CHECK(h.elapsed() == 2s);
  });

  CHECK(log == Log{"handler", "destructor"});
}

TEST_CASE(
    "gevent 68: a greenlet that swallows the kill lives on, and gets the next "
    "one",
    "[conformance][kill]") {
  run_hub([&](TestHub& h) {
    const auto g = stubborn();
    sleep();
    // Unlike gevent, kill() says so; it does not throw either.
    CHECK_FALSE(g->kill(nullptr, 1s));
    CHECK(h.elapsed() == 1s);
    CHECK_FALSE(g->dead());
    CHECK(g->kill(nullptr, 1s));
    CHECK(g->dead());
  });
}

TEST_CASE("gevent 69: two kills on their way both arrive, in order",
          "[conformance][kill]") {
  Log log;

  run_hub([&] {
    const auto g = spawn([&] {
      for (int i = 0; i < 2; ++i) {
        try {
          sleep(100s);
        } catch (const std::runtime_error& e) {
          log.push_back(e.what());
        }
      }
    });
    sleep();
    g->kill_soon(error("first"));
    g->kill_soon(error("second"));
    g->join();
  });

  CHECK(log == Log{"first", "second"});
}

TEST_CASE("gevent 70: a kill of a ready greenlet comes after its wake-up",
          "[conformance][kill]") {
  Log log;

  run_hub([&] {
    const auto goes_on = spawn([&] {
      sleep();
      log.push_back("its own turn");
      sleep();
      log.push_back("never");
    });
    const auto ends = spawn([] { return sleep(), 5; });
    sleep();
    goes_on->kill_soon();
    ends->kill_soon();
    joinall({goes_on, ends});
    CHECK(ends->get() == 5);
  });

  CHECK(log == Log{"its own turn"});
}

TEST_CASE(
    "gevent 71: a kill of oneself throws at once, kill_soon() at the next "
    "wait",
    "[conformance][kill]") {
  Log log;

  run_hub([&] {
    const auto at_once = spawn([&] {
      current().kill();
      log.push_back("never");
    });
    const auto soon = spawn([&] {
      current().kill_soon();
      log.push_back("runs on");
      sleep();
      log.push_back("never");
    });
    joinall({at_once, soon});
    CHECK(at_once->successful());
    CHECK(soon->successful());
  });

  CHECK(log == Log{"runs on"});
}

}  // namespace
}  // namespace greenroom::test
