// gevent's Semaphore and BoundedSemaphore, number by number:
// conformance/README.md.

#include "../support/catch2.hpp"
#include "../support/dies.hpp"
#include "../support/run_hub.hpp"

#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;
using Log = std::vector<std::string>;

TEST_CASE("gevent 224: waiters are served first come, first served",
          "[conformance][semaphore]") {
  Log log;

  run_hub([&] {  // semaphore.TestSemaphoreFair.test_fair_or_hangs
    Semaphore semaphore;
    const auto work = [&](const char* name) {
      const std::scoped_lock guard(semaphore);
      sleep();
      log.push_back(name);
    };
    joinall({spawn(work, "a"), spawn(work, "b"), spawn(work, "c")});
    CHECK(semaphore.counter() == 1);
  });

  CHECK(log == Log{"a", "b", "c"});
}

TEST_CASE("gevent 224: the workers of the tutorial share two permits",
          "[conformance][semaphore]") {
  Log log;

  run_hub([&] {  // golden 28, without the pool
    BoundedSemaphore semaphore(2);
    const auto say = [&](int n, const char* what) {
      log.push_back(std::to_string(n) + what);
    };
    const auto worker = [&](int n) {
      semaphore.acquire();
      say(n, " acquired");
      sleep();
      semaphore.release();
      say(n, " released");
    };
    joinall({spawn(worker, 3), spawn(worker, 4), spawn(worker, 5)});
  });

  CHECK(log == Log{"3 acquired", "4 acquired", "3 released", "4 released",
                   "5 acquired", "5 released"});
}

TEST_CASE(
    "gevent 225: release() does not give way, and each one wakes one waiter",
    "[conformance][semaphore]") {
  Log log;

  run_hub([&] {  // semaphore.TestSemaphore.test_release_twice
    Semaphore semaphore(0);
    const auto take = [&](const char* name) {
      semaphore.acquire();
      log.push_back(name);
    };
    const auto a = spawn(take, "a");
    const auto b = spawn(take, "b");
    const auto c = spawn(take, "c");
    sleep();
    semaphore.release();
    log.push_back("released");
    sleep();
    log.push_back("a turn later");
    semaphore.release();
    semaphore.release();
    sleep();
    joinall({a, b, c});
  });

  CHECK(log == Log{"released", "a", "a turn later", "b", "c"});
}

TEST_CASE(
    "gevent 226: a greenlet that acquires between release and wake-up is "
    "faster",
    "[conformance][semaphore]") {
  std::string log;

  run_hub([&] {
    Semaphore semaphore;
    const auto loop = [&](char name) {
      for (int i = 0; i < 3; ++i) {
        const std::scoped_lock guard(semaphore);
        log += name;
        sleep();
      }
    };
    joinall({spawn(loop, 'a'), spawn(loop, 'b')});
    CHECK(log == "aaabbb");

    // A waiter that was woken in vain keeps its place.
    log.clear();
    semaphore.acquire();
    const auto take = [&](char name) {
      semaphore.acquire();
      log += name;
    };
    const auto x = spawn(take, 'x');
    const auto y = spawn(take, 'y');
    sleep();
    semaphore.release();
    CHECK(semaphore.try_acquire());
    sleep();
    CHECK(log.empty());
    semaphore.release();
    semaphore.release();
    joinall({x, y});
    CHECK(log == "xy");
  });
}

TEST_CASE("gevent 227: acquire() says whether it got a permit in time",
          "[conformance][semaphore]") {
  Log log;

  run_hub([&](TestHub& h) {
    // semaphore.TestSemaphore.test_acquire_returns_false_after_timeout
    Semaphore semaphore(0);
    CHECK_FALSE(semaphore.acquire(1s));
    CHECK(h.elapsed() == 1s);
    // issue 1464
    spawn([&] { log.push_back("other"); });
    CHECK_FALSE(semaphore.try_acquire());
    log.push_back("did not give way");
    sleep();
    CHECK_FALSE(semaphore.acquire(0s));
  });

  CHECK(log == Log{"did not give way", "other"});
}

TEST_CASE("gevent 228: a waiter that is killed or times out takes nothing",
          "[conformance][semaphore]") {
  Log log;

  run_hub([&] {
    Semaphore semaphore(0);
    const auto killed =
        spawn([&] { semaphore.acquire(), log.push_back("killed"); });
    const auto late = spawn([&] {
      if (!semaphore.acquire(1s)) log.push_back("late");
    });
    const auto next =
        spawn([&] { semaphore.acquire(), log.push_back("next"); });
    sleep();
    killed->kill();
    sleep(2s);
    semaphore.release();
    joinall({killed, late, next});
    CHECK(semaphore.counter() == 0);
  });

  CHECK(log == Log{"late", "next"});
}

TEST_CASE("gevent 229: a waiter that is released and then killed has acquired",
          "[conformance][semaphore]") {
  Log log;

  run_hub([&] {
    Semaphore semaphore(0);
    const auto waiter = spawn([&] {
      semaphore.acquire();
      log.push_back("acquired");
      sleep();
      log.push_back("not reached");
    });
    sleep();
    semaphore.release();
    waiter->kill();
    CHECK(semaphore.counter() == 0);
  });

  CHECK(log == Log{"acquired"});
}

TEST_CASE("gevent 230: wait() returns the counter and takes nothing",
          "[conformance][semaphore]") {
  run_hub([&] {  // pool.TestPool0
    Semaphore semaphore(2);
    CHECK(semaphore.wait() == 2);
    CHECK(semaphore.counter() == 2);
    Semaphore none(0);
    CHECK(none.wait(1s) == 0);
    spawn_later(1s, [&] { none.release(); });
    CHECK(none.wait() == 1);
    CHECK(none.counter() == 1);
  });
}

TEST_CASE("gevent 231: a negative number of permits is refused",
          "[conformance][semaphore]") {
  run_hub([&] {  // lock_tests.BaseSemaphoreTests.test_constructor
    CHECK_THROWS_AS(Semaphore(-1), std::invalid_argument);
    CHECK_THROWS_AS(BoundedSemaphore(-1), std::invalid_argument);
  });
}

TEST_CASE("gevent 232: only a bounded semaphore refuses too many releases",
          "[conformance][semaphore]") {
  run_hub([&] {
    // lock_tests.SemaphoreTests.test_release_unacquired
    Semaphore semaphore;
    CHECK(semaphore.release() == 2);
    CHECK(semaphore.release() == 3);
    // lock_tests.BoundedSemaphoreTests.test_release_unacquired
    BoundedSemaphore bounded(2);
    CHECK_THROWS_AS(bounded.release(), OverReleaseError);
    CHECK(bounded.counter() == 2);
    bounded.acquire();
    CHECK(bounded.release() == 2);
    CHECK_THROWS_AS(bounded.release(), OverReleaseError);
  });
}

TEST_CASE("gevent 233: a scoped lock releases on error",
          "[conformance][semaphore]") {
  run_hub([&] {  // lock_tests.BaseSemaphoreTests.test_with
    Semaphore semaphore;
    const auto fail = [&] {
      const std::scoped_lock guard(semaphore);
      CHECK(semaphore.locked());
      throw std::runtime_error("on purpose");
    };
    CHECK_THROWS(fail());
    CHECK(semaphore.counter() == 1);
  });
}

TEST_CASE("gevent 234: any greenlet may release", "[conformance][semaphore]") {
  run_hub([&] {  // lock_tests.LockTests.test_different_thread
    Semaphore semaphore;
    Lock lock;
    semaphore.acquire();
    lock.acquire();
    spawn([&] {
      semaphore.release();
      lock.release();
    })->join();
    CHECK(semaphore.try_acquire());
    CHECK(lock.try_acquire());
  });
}

TEST_CASE("gevent 236: as many pass as there are permits",
          "[conformance][semaphore]") {
  run_hub([&] {  // lock_tests.BaseSemaphoreTests.test_acquire_contended
    Semaphore semaphore(7);
    semaphore.acquire();
    int first = 0;
    int second = 0;
    std::vector<GreenletPtr> all;
    for (int i = 0; i < 10; ++i)
      all.push_back(spawn([&] {
        semaphore.acquire();
        ++first;
        semaphore.acquire();
        ++second;
      }));
    sleep(1s);
    CHECK(first + second == 6);
    for (int i = 0; i < 7; ++i) semaphore.release();
    sleep(1s);
    CHECK(first + second == 13);
    for (int i = 0; i < 6; ++i) semaphore.release();
    sleep(1s);
    CHECK(first + second == 19);
    semaphore.release();
    joinall(all);
    CHECK(first + second == 20);
    CHECK_FALSE(semaphore.try_acquire());
  });
}

TEST_CASE("gevent 241: wait() for a free semaphore returns it at once",
          "[conformance][semaphore]") {
  Log log;

  run_hub([&] {
    // semaphore.TestSemaphore.test_rawlink_on_unacquired_runs_notifiers
    Semaphore free;
    Semaphore taken(0);
    spawn([&] { log.push_back("other"); });
    CHECK(wait({&free, &taken}, forever, 1) == std::vector<Waitable*>{&free});
    CHECK(free.counter() == 1);
    log.push_back("did not give way");
    spawn_later(1s, [&] { taken.release(); });
    CHECK(wait({&taken}) == std::vector<Waitable*>{&taken});
    CHECK(taken.counter() == 1);
  });

  CHECK(log == Log{"did not give way", "other"});
}

// Unlike gevent: a semaphore is its hub's, and threads meet at Hub::post().
TEST_CASE("gevent 242: another thread reaches a semaphore by post()",
          "[conformance][semaphore]") {
  const Death death = death_of([] {
    run_hub([] {
      Semaphore semaphore;
      std::thread([&] { semaphore.acquire(); }).join();
    });
  });
  CHECK(death.signal == SIGABRT);
  CHECK(death.message.find("Semaphore::acquire called from a thread") !=
        std::string::npos);

  // semaphore.TestSemaphoreMultiThread.test_acquire_in_one_then_another
  run_hub([&] {
    Semaphore semaphore(0);
    Hub& hub = Hub::current();
    std::thread other([&] { hub.post([&] { semaphore.release(); }); });
    CHECK(semaphore.acquire());
    other.join();
  });
}

}  // namespace
}  // namespace greenroom::test
