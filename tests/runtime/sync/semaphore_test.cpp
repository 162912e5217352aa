#include "../../support/catch2.hpp"
#include "../../support/dies.hpp"
#include "../../support/run_hub.hpp"

#include <greenroom/runtime/sync/semaphore.hpp>

#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;
using Log = std::vector<std::string>;

TEST_CASE("semaphore: counts its permits", "[runtime][semaphore]") {
  run_hub([&] {
    Semaphore semaphore(2);
    CHECK(semaphore.counter() == 2);
    CHECK(semaphore.ready());
    CHECK(semaphore.acquire());
    CHECK(semaphore.try_acquire());
    CHECK(semaphore.counter() == 0);
    CHECK(semaphore.locked());
    CHECK_FALSE(semaphore.ready());
    CHECK_FALSE(semaphore.try_acquire());
    CHECK(semaphore.release() == 1);
    CHECK_FALSE(semaphore.locked());
    CHECK(semaphore.wait() == 1);
    CHECK(semaphore.counter() == 1);
  });
}

TEST_CASE("semaphore: with std::scoped_lock and std::unique_lock",
          "[runtime][semaphore]") {
  run_hub([&] {
    Semaphore first;
    BoundedSemaphore second;
    {
      const std::scoped_lock both(first, second);
      CHECK(first.locked());
      CHECK(second.locked());
      CHECK_FALSE(std::unique_lock(first, std::try_to_lock).owns_lock());
    }
    CHECK(first.counter() == 1);
    CHECK(second.counter() == 1);
  });
}

TEST_CASE("semaphore: those woken in vain keep their order",
          "[runtime][semaphore]") {
  Log log;

  run_hub([&] {
    Semaphore semaphore(0);
    const auto take = [&](const char* name) {
      semaphore.acquire();
      log.push_back(name);
    };
    const auto a = spawn(take, "a");
    const auto b = spawn(take, "b");
    const auto c = spawn(take, "c");
    sleep();  // all three wait
    semaphore.release();
    semaphore.release();
    semaphore.acquire();
    semaphore.acquire();
    const auto d = spawn(take, "d");
    sleep();  // a and b were woken, and wait again
    semaphore.release();
    semaphore.acquire();
    sleep();  // a once more
    log.push_back("all wait");
    for (int i = 0; i < 4; ++i) semaphore.release();
    joinall({a, b, c, d});
  });

  CHECK(log == Log{"all wait", "a", "b", "c", "d"});
}

TEST_CASE("semaphore: one woken in vain waits for the rest of its limit",
          "[runtime][semaphore]") {
  std::vector<bool> got;

  run_hub([&](TestHub& h) {
    Semaphore semaphore(0);
    const auto waiter = spawn([&] { got.push_back(semaphore.acquire(3s)); });
    sleep(2s);
    semaphore.release();
    semaphore.acquire();
    waiter->join();
    CHECK(h.elapsed() == 3s);
  });

  CHECK(got == std::vector<bool>{false});
}

TEST_CASE("semaphore: one that only waits is told before those behind it",
          "[runtime][semaphore]") {
  Log log;

  run_hub([&] {
    Semaphore semaphore(0);
    const auto look = spawn(
        [&] { log.push_back("looked, " + std::to_string(semaphore.wait())); });
    const auto take =
        spawn([&] { semaphore.acquire(), log.push_back("took"); });
    const auto late = spawn(
        [&] { log.push_back("late, " + std::to_string(semaphore.wait(1s))); });
    sleep();
    semaphore.release();
    joinall({look, take, late});
  });

  CHECK(log == Log{"looked, 1", "took", "late, 0"});
}

// Trap 4: of all that lands in the same turn, one wins, and no permit is lost.
TEST_CASE("semaphore: permit, kill and limit in one turn lose no permit",
          "[runtime][semaphore]") {
  Log log;
  std::ptrdiff_t left = -1;

  run_hub([&] {
    Semaphore semaphore(0);
    const auto first = spawn([&] {
      log.push_back(semaphore.acquire(1s) ? "first" : "first is late");
      sleep();
      log.push_back("first lives");
    });
    const auto second = spawn([&] {
      semaphore.acquire();
      log.push_back("second");
    });

    SECTION("permit, kill") {
      sleep();
      semaphore.release();
      first->kill();
      semaphore.release();
      second->join();
      CHECK(log == Log{"first", "second"});
    }
    SECTION("kill, permit") {
      sleep();
      first->kill_soon();
      semaphore.release();
      joinall({first, second});
      CHECK(log == Log{"second"});
    }
    SECTION("permit, limit") {
      spawn_later(1s, [&] { semaphore.release(); });
      sleep();
      first->join();
      // The limit was set first, so it has passed when the permit comes.
      second->join();
      CHECK(log == Log{"first is late", "second", "first lives"});
    }
    SECTION("limit, permit, kill") {
      sleep(1s);  // ends in the turn of the limit, after it
      semaphore.release();
      first->kill();
      second->join();
      CHECK(log == Log{"first is late", "second"});
    }
    SECTION("permit before the limit is looked at") {
      sleep();
      semaphore.release();
      sleep(2s);
      semaphore.release();
      joinall({first, second});
      CHECK(log == Log{"first", "first lives", "second"});
    }
    left = semaphore.counter();
  });

  CHECK(left == 0);
}

TEST_CASE("semaphore: a Timeout ends the wait and takes nothing",
          "[runtime][semaphore]") {
  run_hub([&] {
    Semaphore semaphore(0);
    CHECK_FALSE(within(1s, [&] { semaphore.acquire(); }));
    semaphore.release();
    CHECK(semaphore.counter() == 1);
  });
}

TEST_CASE("semaphore: released in a callback of the hub wakes a waiter",
          "[runtime][semaphore]") {
  run_hub([&] {
    Semaphore semaphore(0);
    Hub::current().post([&] { semaphore.release(); });
    CHECK(semaphore.acquire(1s));
  });
}

TEST_CASE("semaphore: the report of a deadlock says what is waited for",
          "[runtime][semaphore]") {
  run_hub([&] {
    Semaphore semaphore(0);
    std::string why;
    try {
      semaphore.acquire();
    } catch (const LoopExit& e) {
      why = e.what();
    }
    CHECK(why.find("main waits for a permit of a semaphore") !=
          std::string::npos);
  });
}

TEST_CASE("semaphore: use from another thread aborts with a sentence",
          "[runtime][semaphore]") {
  const Death death = death_of([] {
    run_hub([] {
      BoundedSemaphore semaphore;
      std::thread([&] { semaphore.release(); }).join();
    });
  });
  CHECK(death.signal == SIGABRT);
  CHECK(death.message.find(
            "Semaphore::release called from a thread without a hub") !=
        std::string::npos);
}

}  // namespace
}  // namespace greenroom::test
