#include "../../support/catch2.hpp"
#include "../../support/run_hub.hpp"

#include <greenroom/runtime/sync/barrier.hpp>

#include <stdexcept>
#include <string>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;
using Log = std::vector<std::string>;

TEST_CASE("barrier: lets nobody go before all have arrived",
          "[runtime][barrier]") {
  Log log;

  run_hub([&] {
    Barrier barrier(3, [&] { log.push_back("action"); });
    const auto party = [&](Duration late) {
      for (int round = 0; round < 2; ++round) {
        sleep(late);
        log.push_back(std::to_string(barrier.wait()) + " goes");
      }
    };
    const auto a = spawn(party, 1s);
    const auto b = spawn(party, 2s);
    const auto c = spawn(party, 3s);
    sleep(2s);
    sleep();
    CHECK(barrier.waiting() == 2);
    CHECK(barrier.parties() == 3);
    joinall({a, b, c});
    CHECK(barrier.waiting() == 0);
  });

  const Log round = {"action", "2 goes", "0 goes", "1 goes"};
  Log both = round;
  both.insert(both.end(), round.begin(), round.end());
  CHECK(log == both);
}

TEST_CASE("barrier: needs at least one party", "[runtime][barrier]") {
  run_hub([&] {
    CHECK_THROWS_AS(Barrier(0), std::invalid_argument);
    Barrier alone(1);
    CHECK(alone.wait() == 0);
    CHECK(alone.wait() == 0);
  });
}

TEST_CASE("barrier: what breaks it breaks it for all", "[runtime][barrier]") {
  Log log;

  run_hub([&] {
    bool fails = false;
    Barrier barrier(3, [&] {
      if (fails) throw std::runtime_error("action");
    });
    const auto party = [&](const char* name, Duration limit) {
      try {
        barrier.wait(limit);
        log.push_back(std::string(name) + " goes");
      } catch (const BrokenBarrierError&) {
        log.push_back(std::string(name) + " broken");
      } catch (const std::runtime_error& e) {
        log.push_back(std::string(name) + " " + e.what());
      }
    };
    const auto a = spawn(party, "a", forever);
    const auto b = spawn(party, "b", 1s);
    sleep();

    SECTION("abort") {
      barrier.abort();
      joinall({a, b});
      CHECK(log == Log{"a broken", "b broken"});
      CHECK(barrier.broken());
      party("late", forever);
      CHECK(log.back() == "late broken");
      barrier.reset();
      const auto c = spawn(party, "c", forever);
      const auto d = spawn(party, "d", forever);
      sleep();
      party("e", forever);
      joinall({c, d});
      CHECK(log.back() == "d goes");
    }
    SECTION("a limit") {
      joinall({a, b});
      CHECK(log == Log{"b broken", "a broken"});
      CHECK(barrier.broken());
    }
    SECTION("an action that throws") {
      fails = true;
      party("last", forever);
      joinall({a, b});
      CHECK(log == Log{"last action", "a broken", "b broken"});
      CHECK(barrier.broken());
    }
    SECTION("reset, for those who wait only") {
      barrier.reset();
      CHECK_FALSE(barrier.broken());
      joinall({a, b});
      CHECK(log == Log{"a broken", "b broken"});
    }
  });
}

TEST_CASE("barrier: a killed greenlet does not count as arrived",
          "[runtime][barrier]") {
  Log log;

  run_hub([&] {
    Barrier barrier(2);
    const auto party = [&] {
      log.push_back(std::to_string(barrier.wait()) + " goes");
    };
    const auto killed = spawn(party);
    sleep();
    killed->kill_soon();
    CHECK(barrier.waiting() == 0);
    const auto first = spawn(party);
    const auto second = spawn(party);
    joinall({killed, first, second});
    CHECK(killed->value() == nullptr);
  });

  CHECK(log == Log{"1 goes", "0 goes"});
}

TEST_CASE("barrier: one that comes while the action waits is in the next round",
          "[runtime][barrier]") {
  Log log;

  run_hub([&] {
    Barrier barrier(2, [&] {
      sleep(1s);
      log.push_back("action");
    });
    const auto party = [&](const char* name) {
      barrier.wait();
      log.push_back(name);
    };
    joinall({spawn(party, "a"), spawn(party, "b"), spawn(party, "c"),
             spawn(party, "d")});
  });

  CHECK(log == Log{"action", "b", "a", "action", "d", "c"});
}

}  // namespace
}  // namespace greenroom::test
