#include "../../support/catch2.hpp"
#include "../../support/run_hub.hpp"

#include <greenroom/runtime/core/shutdown.hpp>
#include <greenroom/runtime/sync/event.hpp>
#include <greenroom/runtime/tasks/join.hpp>
#include <greenroom/runtime/tasks/spawn.hpp>

#include <string>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;

using Log = std::vector<std::string>;

TEST_CASE("shutdown: greenlets unwind, and main finds them at their end",
          "[runtime][shutdown]") {
  Log log;

  run_hub([&] {
    Event never;
    const auto waits = spawn([&] {
      struct Goodbye {
        ~Goodbye() { log.emplace_back("unwound"); }
        Log& log;
      } const goodbye{log};
      never.wait();
    });
    const auto ready = spawn([&] {
      sleep();
      for (;;) sleep();
    });
    sleep();
    const auto not_begun = spawn([&] { log.emplace_back("never runs"); });
    shutdown();
    joinall({waits, ready, not_begun});
    CHECK(waits->successful());
    CHECK(ready->successful());
  });

  CHECK(log == Log{"unwound"});
}

TEST_CASE("shutdown: the greenlet that calls goes on", "[runtime][shutdown]") {
  Log log;

  run_hub([&] {
    const auto other = spawn([] { sleep(1h); });
    sleep();
    spawn([&log, other] {
      shutdown();
      sleep(1ms);
      log.emplace_back(other->dead() ? "alone" : "not alone");
    });
    other->join();
    log.emplace_back("joined");
  });

  CHECK(log == Log{"joined", "alone"});
}

TEST_CASE("shutdown: one that catches its end lives on",
          "[runtime][shutdown]") {
  Log log;

  run_hub([&] {
    const auto stubborn = spawn([&] {
      try {
        sleep(1h);
      } catch (const GreenletExit&) {
        log.emplace_back("no");
      }
      sleep(1ms);
      log.emplace_back("lived on");
    });
    sleep();
    shutdown();
    stubborn->join();
  });

  CHECK(log == Log{"no", "lived on"});
}

TEST_CASE("shutdown: alone on its hub, nothing happens",
          "[runtime][shutdown]") {
  run_hub([] {
    shutdown();
    CHECK(wait());
  });
}

}  // namespace
}  // namespace greenroom::test
