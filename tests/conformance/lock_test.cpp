// gevent's locks, and what Python's threading builds on them, number by number:
// conformance/README.md.

#include "../support/catch2.hpp"
#include "../support/run_hub.hpp"

#include <cstddef>
#include <mutex>
#include <string>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;
using Log = std::vector<std::string>;

TEST_CASE("gevent 235: acquiring a Lock twice parks", "[conformance][lock]") {
  Log log;

  run_hub([&] {  // lock_tests.LockTests.test_reacquire
    Lock lock;
    const auto g = spawn([&] {
      lock.acquire();
      lock.acquire();
      log.push_back("second");
    });
    sleep();
    log.push_back("first");
    lock.release();
    g->join();
  });

  CHECK(log == Log{"first", "second"});
}

TEST_CASE(
    "gevent 237: an RLock belongs to its holder, which may acquire it again",
    "[conformance][lock]") {
  Log log;

  run_hub([&] {  // lock_tests.RLockTests
    RLock lock;
    CHECK_THROWS_AS(lock.release(), LockNotHeldError);
    lock.acquire();
    CHECK(lock.acquire());
    const auto other = spawn([&] {
      if (!lock.try_acquire()) log.push_back("not free");
      try {
        lock.release();
      } catch (const LockNotHeldError&) {
        log.push_back("not held");
      }
    });
    other->join();
    lock.release();
    CHECK(lock.locked());
    lock.release();
    CHECK_FALSE(lock.locked());
    CHECK_THROWS_AS(lock.release(), LockNotHeldError);
  });

  CHECK(log == Log{"not free", "not held"});
}

// Unlike gevent, where nobody is told.
TEST_CASE(
    "gevent 238: a lock whose holder has ended stays locked, and LoopExit says "
    "so",
    "[conformance][lock]") {
  run_hub([&] {
    Lock lock;
    const auto holder = spawn({.name = "gone"}, [&] { lock.acquire(); });
    holder->join();
    CHECK(lock.locked());
    CHECK_FALSE(lock.acquire(1s));
    CHECK(lock.holder()->dead());
    std::string why;
    try {
      lock.acquire();
    } catch (const LoopExit& e) {
      why = e.what();
    }
    CHECK(why.find("held by gone, which has ended") != std::string::npos);
  });
}

TEST_CASE("gevent 239: a Condition wakes as many as it is told to",
          "[conformance][condition]") {
  run_hub([&] {  // lock_tests.ConditionTests
    Condition changed;
    CHECK_THROWS_AS(changed.wait(), LockNotHeldError);
    CHECK_THROWS_AS(changed.notify(), LockNotHeldError);
    int woken = 0;
    std::vector<GreenletPtr> all;
    for (int i = 0; i < 7; ++i)
      all.push_back(spawn([&] {
        const std::scoped_lock guard(changed);
        changed.wait();
        ++woken;
      }));
    sleep();
    const auto notify = [&](std::size_t count) {
      {
        const std::scoped_lock guard(changed);
        changed.notify(count);
      }
      sleep(1s);
    };
    notify(3);
    CHECK(woken == 3);
    notify(1);
    CHECK(woken == 4);
    {
      const std::scoped_lock guard(changed);
      changed.notify_all();
      CHECK_FALSE(changed.wait(1s));
    }
    joinall(all);
    CHECK(woken == 7);
  });
}

TEST_CASE("gevent 240: a Barrier keeps its parties in step",
          "[conformance][barrier]") {
  int actions = 0;
  Log log;

  run_hub([&] {  // lock_tests.BarrierTests
    constexpr std::size_t parties = 5;
    Barrier barrier(parties, [&] { ++actions; });
    std::vector<std::size_t> numbers(10);  // the sum of each round
    std::vector<GreenletPtr> all;
    for (std::size_t i = 0; i < parties; ++i)
      all.push_back(spawn([&] {
        for (std::size_t& sum : numbers) sum += barrier.wait();
      }));
    joinall(all);
    CHECK(actions == 10);
    CHECK(numbers == std::vector<std::size_t>(10, 0 + 1 + 2 + 3 + 4));

    const auto wait = [&](Duration limit) {
      try {
        barrier.wait(limit);
      } catch (const BrokenBarrierError&) {
        log.push_back("broken");
      }
    };
    auto waiter = spawn(wait, forever);
    sleep();
    barrier.abort();
    waiter->join();
    wait(forever);
    CHECK(log.size() == 2);

    barrier.reset();
    waiter = spawn(wait, forever);
    sleep();
    barrier.reset();
    waiter->join();
    CHECK(log.size() == 3);
    CHECK_FALSE(barrier.broken());

    waiter = spawn(wait, forever);
    wait(1s);
    waiter->join();
    CHECK(log.size() == 5);
    CHECK(barrier.broken());
  });
}

}  // namespace
}  // namespace greenroom::test
