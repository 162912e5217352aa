// Destructors that wait, or kill, while their greenlet is unwound.

#include "../../support/catch2.hpp"
#include "../../support/guard.hpp"
#include "../../support/run_hub.hpp"

#include <greenroom/runtime/core/greenlet.hpp>
#include <greenroom/runtime/tasks/spawn.hpp>

#include <stdexcept>
#include <string>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;
using Log = std::vector<std::string>;

TEST_CASE("unwinding: a destructor may wait while its greenlet is unwound",
          "[runtime][unwinding]") {
  Log log;
  struct Waits {
    ~Waits() {
      sleep(2s);
      log.push_back("destroyed");
    }
    Log& log;
  };

  run_hub([&](TestHub& h) {
    const auto g = spawn([&] {
      const Waits outer{log};
      const Waits inner{log};
      sleep(100s);
    });
    sleep();
    CHECK(g->kill());
    CHECK(h.elapsed() == 4s);
  });

  CHECK(log == Log{"destroyed", "destroyed"});
}

TEST_CASE("unwinding: a kill does not disturb a wait in a destructor",
          "[runtime][unwinding]") {
  Log log;
  struct Waits {
    ~Waits() {
      sleep(2s);
      log.push_back("destroyed");
    }
    Log& log;
  };

  run_hub([&](TestHub& h) {
    const auto g = spawn([&] {
      try {
        const Waits guard{log};
        throw std::runtime_error("boom");
      } catch (const std::runtime_error&) {
        log.push_back("caught");
      }
      sleep(100s);
      log.push_back("never");
    });
    sleep();  // it waits in the destructor now
    CHECK(g->kill());
    CHECK(h.elapsed() == 2s);
    CHECK(g->successful());
  });

  CHECK(log == Log{"destroyed", "caught"});
}

TEST_CASE("unwinding: a destructor may kill others, and wait for that",
          "[runtime][unwinding]") {
  Log log;
  struct Kills {
    ~Kills() {
      victim->kill();
      log.push_back("killer");
    }
    GreenletPtr victim;
    Log& log;
  };

  run_hub([&] {
    const auto victim = [&](const char* name) {
      return spawn([&log, name] {
        const Guard guard{log, name};
        sleep(100s);
      });
    };
    const auto returns = spawn([&] {
      const Kills kills{victim("first"), log};
      sleep();
    });
    const auto throws = spawn([&] {
      const Kills kills{victim("second"), log};
      sleep(1s);
      throw GreenletExit();
    });
    joinall({returns, throws});
  });

  CHECK(log == Log{"first", "killer", "second", "killer"});
}

}  // namespace
}  // namespace greenroom::test
