#include "../../support/catch2.hpp"
#include "../../support/dies.hpp"
#include "../../support/run_hub.hpp"

#include <greenroom/runtime/sync/lock.hpp>

#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;
using Log = std::vector<std::string>;

template <class F>
std::string loop_exit_of(F&& f) {
  try {
    f();
  } catch (const LoopExit& e) {
    return e.what();
  }
  return "no LoopExit";
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST_CASE("lock: one greenlet at a time holds it", "[runtime][lock]") {
  Log log;

  run_hub([&] {
    Lock lock;
    const auto work = [&](const char* name) {
      const std::scoped_lock guard(lock);
      log.push_back(std::string(name) + " begins");
      sleep(1s);
      log.push_back(std::string(name) + " ends");
    };
    joinall({spawn(work, "a"), spawn(work, "b")});
    CHECK_FALSE(lock.locked());
  });

  CHECK(log == Log{"a begins", "a ends", "b begins", "b ends"});
}

TEST_CASE("lock: knows its holder", "[runtime][lock]") {
  run_hub([&] {
    Lock lock;
    CHECK(lock.holder() == nullptr);
    CHECK(lock.try_acquire());
    CHECK(lock.holder() == &current());
    CHECK_FALSE(lock.try_acquire());
    CHECK_FALSE(lock.acquire(1s));
    lock.release();
    CHECK(lock.holder() == nullptr);
    CHECK_THROWS_AS(lock.release(), LockNotHeldError);
    CHECK(lock.try_acquire());
  });
}

TEST_CASE("lock: the report of a deadlock names the holder",
          "[runtime][lock]") {
  run_hub([&] {
    Lock lock;
    RLock again;
    const auto holder = spawn({.name = "thoughtless"}, [&] {
      lock.acquire();
      again.acquire();
    });
    holder->join();
    const std::string why = loop_exit_of([&] { lock.acquire(); });
    CHECK(contains(why, "main waits for a lock"));
    CHECK(contains(why, "held by thoughtless, which has ended"));
    CHECK(contains(loop_exit_of([&] { again.acquire(); }),
                   "held by thoughtless, which has ended"));

    lock.release();
    CHECK(lock.acquire());
    CHECK(contains(loop_exit_of([&] { lock.acquire(); }), "held by main"));
  });
}

TEST_CASE("rlock: is acquired again by its holder only", "[runtime][lock]") {
  Log log;

  run_hub([&] {
    RLock lock;
    const std::scoped_lock once(lock);
    {
      const std::scoped_lock twice(lock);
      CHECK(lock.is_mine());
    }
    CHECK(lock.locked());
    const auto other = spawn([&] {
      if (!lock.is_mine()) log.push_back("not mine");
      if (!lock.try_acquire()) log.push_back("not free");
      if (!lock.acquire(1s)) log.push_back("not in time");
      try {
        lock.release();
      } catch (const LockNotHeldError& e) {
        log.push_back(e.what());
      }
    });
    other->join();
  });

  CHECK(log == Log{"not mine", "not free", "not in time",
                   "RLock::release: the lock is held by main"});
}

TEST_CASE("rlock: in a callback of the hub nobody could hold it",
          "[runtime][lock]") {
  Log log;

  run_hub([&] {
    RLock lock;
    Hub::current().post([&] {
      try {
        lock.acquire();
      } catch (const BlockingSwitchOutError&) {
        log.push_back("refused");
      }
    });
    sleep(1s);
    CHECK_FALSE(lock.locked());
  });

  CHECK(log == Log{"refused"});
}

TEST_CASE("lock: lock, kill and limit in one turn leave it free",
          "[runtime][lock]") {
  run_hub([&] {
    Lock lock;
    lock.acquire();
    const auto waiter = spawn([&] {
      std::unique_lock guard(lock, std::defer_lock);
      if (lock.acquire(1s)) guard = std::unique_lock(lock, std::adopt_lock);
      sleep();
    });
    sleep();
    SECTION("release, kill") {
      lock.release();
      waiter->kill();
    }
    SECTION("kill, release") {
      waiter->kill_soon();
      lock.release();
      waiter->join();
    }
    SECTION("limit, release, kill") {
      sleep(1s);
      lock.release();
      waiter->kill();
    }
    CHECK_FALSE(lock.locked());
  });
}

TEST_CASE("lock: use from another thread aborts with a sentence",
          "[runtime][lock]") {
  const Death death = death_of([] {
    run_hub([] {
      Lock lock;
      std::thread([&] { lock.acquire(); }).join();
    });
  });
  CHECK(death.signal == SIGABRT);
  CHECK(contains(death.message, "Lock::acquire called from a thread"));
}

}  // namespace
}  // namespace greenroom::test
