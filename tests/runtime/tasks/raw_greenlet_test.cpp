#include "../../support/catch2.hpp"
#include "../../support/dies.hpp"
#include "../../support/run_hub.hpp"

#include <greenroom/runtime/tasks/raw_greenlet.hpp>

#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;
using Log = std::vector<std::string>;

TEST_CASE("raw greenlet: 12 56 34 78", "[runtime][raw_greenlet]") {
  Log log;

  run_hub([&] {  // golden 43
    RawGreenletPtr gr1, gr2;
    gr1 = make_raw([&] {
      log.push_back("12");
      gr2->switch_to();
      log.push_back("34");
      gr2->switch_to();
    });
    gr2 = make_raw([&] {
      log.push_back("56");
      gr1->switch_to();
      log.push_back("78");
    });
    gr1->switch_to();
    CHECK_FALSE(gr1->dead());
    CHECK(gr2->dead());
    CHECK(gr1->kill());
  });

  CHECK(log == Log{"12", "56", "34", "78"});
}

TEST_CASE("raw greenlet: nobody else runs at a switch",
          "[runtime][raw_greenlet]") {
  Log log;

  run_hub([&] {
    spawn([&] { log.push_back("others"); });
    RawGreenletPtr inner;
    const auto outer = make_raw([&] {
      inner = make_raw([&] { log.push_back("inner"); });
      inner->switch_to();
      log.push_back("outer");
    });
    outer->switch_to();
    CHECK(inner->parent() == outer);
    log.push_back("main");
    sleep();
  });

  CHECK(log == Log{"inner", "outer", "main", "others"});
}

TEST_CASE("raw greenlet: a child's failure is thrown in its parent",
          "[runtime][raw_greenlet]") {
  run_hub([&] {
    const auto child = make_raw([] { throw std::runtime_error("on purpose"); });
    CHECK_THROWS_WITH(child->switch_to(), "on purpose");
    CHECK_THROWS_WITH(child->get(), "on purpose");
  });
}

TEST_CASE("raw greenlet: a killed child lets its parent go on",
          "[runtime][raw_greenlet]") {
  Log log;

  run_hub([&] {
    const auto child = make_raw([&] {
      struct Guard {
        Log& log;
        ~Guard() { log.push_back("unwound"); }
      } const guard{log};
      sleep(1h);
    });
    spawn_later(1s, [&] { child->kill(); });
    child->switch_to();
    log.push_back("parent");
    CHECK(child->successful());
    sleep();
  });

  CHECK(log == Log{"unwound", "parent"});
}

TEST_CASE("raw greenlet: can be switched to only where it stands at a switch",
          "[runtime][raw_greenlet]") {
  Log log;

  run_hub([&] {
    const auto refused = [&](const RawGreenletPtr& g) {
      try {
        g->switch_to();
      } catch (const InvalidSwitchError& e) {
        log.push_back(e.what());
      }
    };
    RawGreenletPtr self;
    self = make_raw([&] { refused(self); });
    self->set_name("self");
    self->switch_to();
    refused(self);  // has ended

    const auto sleeper = make_raw([] { sleep(1s); });
    sleeper->set_name("sleeper");
    spawn([&] { refused(sleeper); });
    sleeper->switch_to();

    const auto queued = make_raw([&] { log.push_back("in its turn"); });
    queued->set_name("queued");
    queued->start();
    refused(queued);
    queued->join();
  });

  CHECK(log ==
        Log{"self cannot be switched to: it does not stand at a switch",
            "self has ended",
            "sleeper cannot be switched to: it does not stand at a switch",
            "queued cannot be switched to: it does not stand at a switch",
            "in its turn"});
}

TEST_CASE("raw greenlet: a limit ends the wait for a switch back",
          "[runtime][raw_greenlet]") {
  Log log;

  run_hub([&] {
    const auto child = make_raw([&] {
      sleep(2s);
      log.push_back("child");
    });
    CHECK_FALSE(within(1s, [&] { child->switch_to(); }));
    log.push_back("main");
    child->join();
  });

  CHECK(log == Log{"main", "child"});
}

TEST_CASE("raw greenlet: without a parent at a switch the hub goes on",
          "[runtime][raw_greenlet]") {
  Log log;

  run_hub([&] {
    const auto child = make_raw([&] { log.push_back("child"); });
    const auto stranger = spawn([&] {
      child->switch_to();  // main is the parent, and waits for something else
      log.push_back("not reached");
    });
    CHECK_FALSE(stranger->join(1s));
    CHECK(child->dead());
    CHECK(stranger->kill());
  });

  CHECK(log == Log{"child"});
}

TEST_CASE("raw greenlet: greenlets that take turns go on as before",
          "[runtime][raw_greenlet]") {
  Log log;

  run_hub([&] {
    Event event;
    spawn([&] { event.wait(), log.push_back("waiter"); });
    sleep();
    const auto child = make_raw([&] { event.set(); });
    child->switch_to();
    event.wait();  // gives way to those whom set() woke
    log.push_back("main");
  });

  CHECK(log == Log{"waiter", "main"});
}

TEST_CASE("raw greenlet: use from another thread aborts with a sentence",
          "[runtime][raw_greenlet]") {
  const Death death = death_of([] {
    run_hub([] {
      const auto child = make_raw([] {});
      std::thread([&] { child->switch_to(); }).join();
    });
  });
  CHECK(death.signal == SIGABRT);
  CHECK(death.message.find("RawGreenlet::switch_to called from a thread") !=
        std::string::npos);
}

}  // namespace
}  // namespace greenroom::test
