#include "../../support/catch2.hpp"
#include "../../support/run_hub.hpp"

#include <greenroom/runtime/sync/condition.hpp>

#include <mutex>
#include <string>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;
using Log = std::vector<std::string>;

TEST_CASE("condition: notify wakes those who have waited longest",
          "[runtime][condition]") {
  Log log;

  run_hub([&] {
    Condition changed;
    const auto wait_for_it = [&](const char* name) {
      const std::scoped_lock guard(changed);
      changed.wait();
      log.push_back(name);
    };
    const std::vector<GreenletPtr> all = {
        spawn(wait_for_it, "a"), spawn(wait_for_it, "b"),
        spawn(wait_for_it, "c"), spawn(wait_for_it, "d")};
    sleep();
    const auto notify = [&](std::size_t count) {
      const std::scoped_lock guard(changed);
      changed.notify(count);
      log.push_back("notified");
    };
    notify(1);
    sleep(1s);
    notify(2);
    sleep(1s);
    notify(5);
    joinall(all);
  });

  CHECK(log == Log{"notified", "a", "notified", "b", "c", "notified", "d"});
}

TEST_CASE("condition: wait releases the lock, however often it was acquired",
          "[runtime][condition]") {
  Log log;

  run_hub([&] {
    RLock lock;
    Condition changed(lock);
    const auto waiter = spawn([&] {
      const std::scoped_lock once(lock);
      const std::scoped_lock twice(lock);
      changed.wait();
      log.push_back(lock.is_mine() ? "has the lock" : "has no lock");
    });
    sleep();
    CHECK_FALSE(lock.locked());
    lock.acquire();
    changed.notify_all();
    sleep(1s);
    log.push_back("releases");
    lock.release();
    waiter->join();
    CHECK_FALSE(lock.locked());
  });

  CHECK(log == Log{"releases", "has the lock"});
}

TEST_CASE("condition: without the lock it refuses", "[runtime][condition]") {
  run_hub([&] {
    Condition changed;
    CHECK_THROWS_AS(changed.wait(), LockNotHeldError);
    CHECK_THROWS_AS(changed.notify(), LockNotHeldError);
    CHECK_THROWS_AS(changed.notify_all(), LockNotHeldError);
  });
}

TEST_CASE("condition: wait says whether it was notified in time",
          "[runtime][condition]") {
  run_hub([&](TestHub& h) {
    Condition changed;
    std::unique_lock guard(changed);
    CHECK_FALSE(changed.wait(1s));
    CHECK(h.elapsed() == 1s);
    spawn_later(1s, [&] {
      const std::scoped_lock mine(changed);
      changed.notify();
    });
    CHECK(changed.wait(5s));
    CHECK(h.elapsed() == 2s);
  });
}

TEST_CASE("condition: wait_for() waits until it holds, or for its limit",
          "[runtime][condition]") {
  run_hub([&](TestHub& h) {
    Condition changed;
    int jobs = 0;
    const auto producer = spawn([&] {
      for (int i = 0; i < 4; ++i) {
        sleep(1s);
        const std::scoped_lock mine(changed);
        ++jobs;
        changed.notify();
      }
    });
    std::unique_lock guard(changed);
    CHECK(changed.wait_for([&] { return jobs == 0; }));
    CHECK(changed.wait_for([&] { return jobs == 2; }));
    CHECK(h.elapsed() == 2s);
    CHECK_FALSE(changed.wait_for([&] { return jobs == 9; }, 5s));
    CHECK(h.elapsed() == 7s);
    producer->join();
  });
}

// Trap 4, and what a scoped lock relies on: wait() never leaves without the
// lock.
TEST_CASE("condition: a killed or late waiter has the lock back first",
          "[runtime][condition]") {
  Log log;

  run_hub([&] {
    Condition changed;
    const auto waiter = spawn([&] {
      const std::scoped_lock guard(changed);
      try {
        log.push_back(changed.wait(1s) ? "notified" : "late");
        sleep();
        log.push_back("lives");
      } catch (const GreenletExit&) {
        log.push_back("killed");
        throw;
      }
    });
    sleep();
    changed.acquire();

    SECTION("killed, and once more while it waits for the lock") {
      waiter->kill_soon();
      sleep();
      waiter->kill_soon();
      sleep();
      log.push_back("released");
      changed.release();
      waiter->join();
      CHECK(log == Log{"released", "killed"});
    }
    SECTION("notified, then killed") {
      changed.notify();
      waiter->kill_soon();
      sleep();
      changed.release();
      waiter->join();
      CHECK(log == Log{"notified", "killed"});
    }
    SECTION("late, then notified, and the next one is not") {
      sleep(1s);
      changed.notify();
      changed.release();
      waiter->join();
      CHECK(log == Log{"late", "lives"});
    }
    SECTION("killed, then notified: the next one is") {
      const auto next = spawn([&] {
        const std::scoped_lock guard(changed);
        changed.wait();
        log.push_back("next");
      });
      changed.release();
      sleep();
      changed.acquire();
      waiter->kill_soon();
      changed.notify();
      changed.release();
      joinall({waiter, next});
      CHECK(log == Log{"killed", "next"});
    }
    CHECK(changed.try_acquire());
  });
}

}  // namespace
}  // namespace greenroom::test
