// gevent's ThreadPool, number by number: README.md.

#include "../support/catch2.hpp"
#include "../support/counted.hpp"
#include "../support/dies.hpp"

#include <greenroom/runtime/core/hub.hpp>
#include <greenroom/runtime/core/sanitizer.hpp>
#include <greenroom/runtime/tasks/spawn.hpp>
#include <greenroom/runtime/tasks/thread_pool.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <optional>
#include <semaphore>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;

using Log = std::vector<std::string>;
using Numbers = std::vector<int>;

// A call waits here until the test opens it, from any greenlet or thread.
class Gate {
 public:
  void open() { semaphore_.release(); }
  void pass() { semaphore_.acquire(); }

 private:
  std::counting_semaphore<> semaphore_{0};
};

struct Oops : std::runtime_error {
  Oops() : std::runtime_error("oops") {}
};

int square(int n) { return n * n; }

int fail_at_two(int n) {
  if (n == 2) throw Oops();
  return n;
}

TEST_CASE("gevent 377: the hub goes on while a thread is blocked",
          "[conformance][thread_pool]") {
  const Hub hub;  // test__threadpool.TestPool.test_async
  Gate gate;
  ThreadPool pool{2};
  const auto result = pool.spawn([&] { return gate.pass(), 7; });
  int turns = 0;
  const auto other = spawn([&] {
    for (; turns < 100; ++turns) sleep();
  });
  CHECK(other->join());
  CHECK(turns == 100);
  CHECK_FALSE(result->ready());
  gate.open();
  CHECK(result->get() == 7);
}

TEST_CASE("gevent 378: results and exceptions come back",
          "[conformance][thread_pool]") {
  // test__threadpool.PoolBasicTests.test_apply, .test_apply_raises
  const Hub hub;
  ThreadPool pool{1};
  const auto here = std::this_thread::get_id();
  CHECK(pool.apply(square, 3) == 9);
  CHECK(pool.apply([] { return std::this_thread::get_id(); }) != here);
  CHECK_THROWS_AS(pool.apply([] { throw Oops(); }), Oops);
  const auto failing = pool.spawn(fail_at_two, 2);
  CHECK_THROWS_AS(failing->get(), Oops);
  CHECK(failing->exception() != nullptr);
  CHECK_FALSE(failing->successful());
}

TEST_CASE("gevent 379: threads are made on demand, and their number can be set",
          "[conformance][thread_pool]") {
  // test__threadpool.TestSize.test, TestMaxsize.test_inc, .test_setzero
  const Hub hub;
  Gate gate;
  ThreadPool pool{3};
  CHECK(pool.maxsize() == 3);
  CHECK(pool.size() == 0);
  pool.spawn([&] { gate.pass(); });
  CHECK(pool.size() == 1);
  pool.spawn([&] { gate.pass(); });
  CHECK(pool.size() == 2);
  gate.open(), gate.open();
  CHECK(pool.join());
  CHECK(pool.size() == 2);

  pool.set_size(3);
  CHECK(pool.size() == 3);
  CHECK_THROWS_AS(pool.set_size(4), std::invalid_argument);
  pool.set_size(1);
  CHECK(pool.size() == 1);
  CHECK(pool.apply(square, 2) == 4);
  pool.set_maxsize(4);
  pool.set_size(4);
  CHECK(pool.size() == 4);

  pool.set_maxsize(0);
  CHECK(pool.size() == 0);
  const auto waits = pool.spawn(square, 5);
  CHECK(waits->wait(20ms) == nullptr);
  pool.set_maxsize(1);
  CHECK(waits->get() == 25);
}

TEST_CASE("gevent 380: spawn parks while there is one task more than threads",
          "[conformance][thread_pool]") {
  Log log;
  const Hub hub;  // test__threadpool.TestSpawn.test_basics
  Gate gate;
  ThreadPool pool{1};
  const auto spawner = spawn([&] {
    for (const char* name : {"runs", "waits", "parks"}) {
      pool.spawn([&] { gate.pass(); });
      log.emplace_back(name);
    }
  });
  sleep();
  CHECK(log == Log{"runs", "waits"});
  CHECK(pool.unfinished() == 2);
  gate.open();
  CHECK(spawner->join());
  CHECK(log == Log{"runs", "waits", "parks"});
  gate.open(), gate.open();
  CHECK(pool.join());
}

TEST_CASE(
    "gevent 381: use from another thread aborts, but a task may apply on "
    "its own pool",
    "[conformance][thread_pool]") {
  // test__threadpool.TestPool.test_cannot_spawn_from_other_thread. Unlike
  // gevent, which throws InvalidThreadUseError.
  const Death death = death_of([] {
    const Hub hub;
    ThreadPool pool{1};
    std::thread([&] { pool.spawn(square, 1); }).join();
  });
  CHECK(death.signal == SIGABRT);
  CHECK(death.message.find("ThreadPool::spawn called from") !=
        std::string::npos);

  const Hub hub;  // TestPool2.test_recursive_apply
  ThreadPool pool{1};
  CHECK(pool.apply([&] { return pool.apply(square, 3) + 1; }) == 10);
}

TEST_CASE(
    "gevent 382: a caller that stops waiting leaves the thread working, and "
    "join waits for it",
    "[conformance][thread_pool]") {
  bool worked = false;
  const Hub hub;  // test__threadpool.TestPool.test_async_timeout
  Gate gate;
  ThreadPool pool{1};
  const auto work = [&] {
    gate.pass();
    worked = true;
    return 7;
  };
  CHECK_THROWS_AS(with_timeout(10ms, [&] { return pool.apply(work); }),
                  TimeoutError);
  CHECK(pool.unfinished() == 1);
  CHECK_FALSE(pool.join(10ms));
  gate.open();
  CHECK(pool.join());
  CHECK(worked);
}

TEST_CASE("gevent 383: kill waits for the calls that have begun",
          "[conformance][thread_pool]") {
  Log log;
  const Hub hub;  // test__threadpool.TestPool.test_terminate
  Gate gate, begun;
  ThreadPool pool{1};
  const auto runs = pool.spawn([&] {
    begun.open(), gate.pass();
    return 1;
  });
  begun.pass();
  const auto waits = pool.spawn([&] { return log.emplace_back("ran"), 2; });
  const auto killer = spawn([&] {
    CHECK(pool.kill());
    log.emplace_back("killed");
  });
  sleep();
  CHECK(log.empty());
  CHECK_THROWS_AS(waits->get(), GreenletExit);
  CHECK_FALSE(pool.kill(1ms));
  gate.open();
  CHECK(killer->join());
  CHECK(runs->get() == 1);
  CHECK(log == Log{"killed"});
  CHECK_THROWS_AS(pool.spawn(square, 1), PoolClosed);
}

TEST_CASE("gevent 384: map and imap work as those of a Group",
          "[conformance][thread_pool]") {
  // test__threadpool.TestPool, TestErrorInIterator
  const Hub hub;
  ThreadPool pool{3};
  CHECK(pool.map(square, Numbers{3, 1, 2}) == Numbers{9, 1, 4});
  CHECK(pool.map(square, Numbers{}).empty());
  CHECK(pool.map_async(square, Numbers{2})->get() == Numbers{4});
  CHECK(pool.map([](int a, int b) { return a - b; }, Numbers{3, 4},
                 Numbers{1, 1}) == Numbers{2, 3});
  CHECK_THROWS_AS(pool.map(fail_at_two, Numbers{1, 2, 3}), Oops);

  std::array<Gate, 3> gates;
  const auto at_gate = [&](int n) {
    gates[static_cast<std::size_t>(n)].pass();
    return n;
  };
  auto unordered = pool.imap_unordered(at_gate, Numbers{0, 1, 2});
  for (const int n : {2, 0, 1}) {
    gates[static_cast<std::size_t>(n)].open();
    CHECK(unordered.next() == n);
  }
  CHECK(unordered.next() == std::nullopt);

  auto ordered = pool.imap(at_gate, Numbers{0, 1, 2});
  for (const int n : {2, 1, 0}) gates[static_cast<std::size_t>(n)].open();
  for (const int n : {0, 1, 2}) CHECK(ordered.next() == n);
  CHECK(ordered.next() == std::nullopt);

  auto failing = pool.imap(fail_at_two, Numbers{1, 2, 3});
  CHECK(failing.next() == 1);
  CHECK_THROWS_AS(failing.next(), Oops);
  CHECK(failing.next() == 3);
  CHECK(failing.next() == std::nullopt);
}

TEST_CASE(
    "gevent 385: nothing of a call is kept once its result has been taken",
    "[conformance][thread_pool]") {
  Counts function;
  Counts argument;
  Counts result;
  const Hub hub;  // test__threadpool.TestRef.test
  ThreadPool pool{1};
  {
    const auto handle =
        pool.spawn([held = Counted(function),
                    &result](const Counted&) { return Counted(result, 5); },
                   Counted(argument));
    CHECK(handle->get().number == 5);
    CHECK(function.alive == 0);
    CHECK(argument.alive == 0);
    CHECK(result.alive == 1);
  }
  CHECK(result.alive == 0);
}

// ThreadSanitizer has given up on the child of a program with threads.
#if !defined(GREENROOM_TSAN)

TEST_CASE("gevent 387: after fork the pool has new threads",
          "[conformance][thread_pool]") {
  const Hub hub;  // issue 154
  Gate gate;
  ThreadPool pool{2};
  Gate begun;
  const auto out = pool.spawn([&] {
    begun.open();
    gate.pass();
    return 1;
  });
  // A thread that is just starting may hold ASan's allocator: then the child
  // has it locked for ever.
  begun.pass();
  const pid_t child = fork();
  if (child == 0) {
    alarm(20);  // rather than hang
    try {
      out->get();
      _exit(1);
    } catch (const GreenletExit&) {  // the parent's
    }
    if (pool.unfinished() != 0 || pool.size() != 0) _exit(2);
    if (pool.apply(square, 3) != 9) _exit(3);
    if (offload(square, 4) != 16) _exit(4);
    _exit(0);
  }
  int status = -1;
  waitpid(child, &status, 0);
  CHECK(status == 0);
  gate.open();
  CHECK(out->get() == 1);
}

#endif

}  // namespace
}  // namespace greenroom::test
