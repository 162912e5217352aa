// gevent's Pool, number by number: README.md.

#include "../support/catch2.hpp"
#include "../support/run_hub.hpp"
#include "../support/thrown_by.hpp"

#include <greenroom/runtime/core/errors.hpp>
#include <greenroom/runtime/tasks/group.hpp>
#include <greenroom/runtime/tasks/pool.hpp>

#include <stdexcept>
#include <string>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;

using Log = std::vector<std::string>;
using Numbers = std::vector<int>;

int square(int n) { return n * n; }

TEST_CASE(
    "gevent 192: spawn blocks while the pool is full, first come first "
    "served",
    "[conformance][pool]") {
  Log log;

  run_hub([&](TestHub& h) {  // test__pool.TestSpawn.test
    Pool pool(1);
    pool.spawn([] { sleep(1s); });
    const auto add = [&](const char* name) {
      pool.spawn([] { sleep(1s); });
      log.emplace_back(name);
    };
    const auto first = spawn(add, "first");
    const auto second = spawn(add, "second");
    joinall({first, second});
    CHECK(h.elapsed() == 2s);
    pool.join();
    CHECK(h.elapsed() == 3s);
  });

  CHECK(log == Log{"first", "second"});
}

TEST_CASE("gevent 193: a spawned greenlet counts before it has run",
          "[conformance][pool]") {
  run_hub([] {  // test__pool.PoolBasicTests.test_execute_async
    Pool pool(2);
    pool.spawn([] {});
    CHECK(pool.size() == 1);
    CHECK(pool.free_count() == 1);
    pool.spawn([] {});
    CHECK(pool.full());
  });
}

TEST_CASE("gevent 194: a member leaves when it ends, even if it failed",
          "[conformance][pool]") {
  run_hub([] {  // test__pool.TestCoroutinePool.test_stderr_raising
    Pool pool(1);
    const auto failing = pool.spawn([] { throw Oops(); });
    CHECK(failing->join());
    CHECK(pool.empty());
    CHECK_FALSE(pool.full());
    CHECK(pool.apply([] { return 1; }) == 1);
    CHECK(failing->exception() != nullptr);

    Group group;  // test__greenletset.Test.test_basic
    const auto a = group.spawn([] { sleep(1s); });
    const auto b = group.spawn([] { sleep(2s); });
    CHECK(group.members() == std::vector<GreenletPtr>{a, b});
    sleep(1500ms);
    CHECK(group.members() == std::vector<GreenletPtr>{b});
    sleep(1s);
    CHECK(group.empty());
  });
}

TEST_CASE("gevent 196: a pool of less than 0, of 0, and without a limit",
          "[conformance][pool]") {
  run_hub([](TestHub& h) {
    // test__pool.PoolBasicTests.test_init_error
    CHECK_THROWS_AS(Pool(-1), std::invalid_argument);

    Pool none(0);  // test__pool.TestPool0.test_wait_full
    CHECK(none.full());
    CHECK(none.free_count() == 0);
    CHECK(none.wait_available(10ms) == 0);
    CHECK(h.elapsed() == 10ms);

    Pool unlimited;
    for (int i = 0; i < 1000; ++i) unlimited.spawn([] {});
    CHECK_FALSE(unlimited.full());
    CHECK(unlimited.free_count() == 1);
    CHECK(unlimited.wait_available() == 1);
  });
}

TEST_CASE("gevent 197: add and start wait for a place, or throw PoolFull",
          "[conformance][pool]") {
  run_hub([](TestHub& h) {
    // test__pool.PoolBasicTests.test_add_method_non_blocking,
    // .test_add_method_timeout, .test_start_method_timeout
    Pool pool(1);
    const auto member = spawn([] { sleep(1s); });
    pool.add(member);
    const auto late = spawn([] { sleep(1s); });
    CHECK_THROWS_AS(pool.add(late, 0s), PoolFull);
    CHECK_THROWS_AS(pool.start(late, 100ms), PoolFull);
    CHECK(h.elapsed() == 100ms);
    CHECK_THROWS_AS(pool.add(late, 100ms), PoolFull);
    CHECK_FALSE(pool.contains(late));

    pool.add(late);  // .test_add_method
    CHECK(h.elapsed() == 1s);
    CHECK(pool.contains(late));
    CHECK_FALSE(pool.contains(member));
  });
}

TEST_CASE("gevent 198: discard frees the place while the greenlet lives on",
          "[conformance][pool]") {
  run_hub([] {  // test__pool.PoolBasicTests.test_discard
    Pool pool(1);
    const auto first = pool.spawn([] { sleep(1s); });
    CHECK(pool.discard(first));
    CHECK_FALSE(pool.full());
    CHECK_FALSE(pool.contains(first));
    pool.add(spawn([] { sleep(2s); }), 0s);
    CHECK(first->started());
    CHECK(first->join());
    CHECK(pool.full());
  });
}

TEST_CASE("gevent 199: a finished greenlet is a member until the next turn",
          "[conformance][pool]") {
  run_hub([] {
    Pool pool(1);
    const auto finished = spawn([] {});
    finished->join();
    pool.add(finished);
    CHECK(pool.size() == 1);
    CHECK(pool.contains(finished));
    sleep();
    CHECK(pool.empty());
    CHECK(pool.free_count() == 1);
  });
}

TEST_CASE(
    "gevent 200: adding twice takes one place, and discarding a stranger frees "
    "none",
    "[conformance][pool]") {
  run_hub([] {  // Unlike gevent
    Pool pool(2);
    const auto member = spawn([] { sleep(1s); });
    pool.add(member);
    pool.add(member);
    CHECK(pool.size() == 1);
    CHECK(pool.free_count() == 1);

    const auto stranger = spawn([] { sleep(1s); });
    CHECK_FALSE(pool.discard(stranger));
    CHECK(pool.free_count() == 1);
    CHECK(pool.discard(member));
    CHECK_FALSE(pool.discard(member));
    CHECK(pool.free_count() == 2);
  });
}

TEST_CASE("gevent 201: a spawner killed while it is blocked takes no place",
          "[conformance][pool]") {
  bool ran = false;

  run_hub([&] {
    Pool pool(1);
    pool.spawn([] { sleep(1s); });
    const auto spawner = spawn([&] { pool.spawn([&] { ran = true; }); });
    sleep();
    CHECK(spawner->kill());
    pool.join();
    CHECK(pool.free_count() == 1);
  });

  CHECK_FALSE(ran);
}

TEST_CASE(
    "gevent 208: kill closes a pool: blocked spawners and maps do not go "
    "on",
    "[conformance][pool]") {
  Log log;

  run_hub([&] {  // Unlike gevent (issues 85 and 1215)
    Pool pool(1);
    pool.spawn([] { sleep(10s); });
    const auto spawner = spawn([&] {
      log.push_back(thrown_by<PoolClosed>(
          [&] { pool.spawn([&] { log.emplace_back("spawned"); }); }));
    });
    const auto map = pool.map_async([&](int) { log.emplace_back("mapped"); },
                                    Numbers{1, 2, 3});
    sleep();
    CHECK(pool.kill());
    joinall({spawner, map});
    CHECK(pool.empty());
    CHECK_THROWS_AS(map->get(), PoolClosed);
    CHECK_THROWS_AS(pool.spawn([] {}), PoolClosed);
  });

  CHECK(log == Log{"the pool is closed"});
}

TEST_CASE("gevent 218: apply returns what the call does, or throws",
          "[conformance][pool]") {
  run_hub([] {
    // test__pool.TestCoroutinePool.test_apply, .test_apply_raises
    Pool pool(1);
    CHECK(pool.apply([](int a, int b) { return a + b; }, 1, 2) == 3);
    CHECK_THROWS_AS(pool.apply([] { throw Oops(); }), Oops);
    CHECK(Group().apply(square, 5) == 25);
  });
}

TEST_CASE(
    "gevent 219: apply in a member of the pool makes the call in place, spawn "
    "waits",
    "[conformance][pool]") {
  Log log;

  run_hub([&] {  // test__pool.TestCoroutinePool.test_reentrant
    Pool pool(1);
    CHECK(pool.apply([&] { return pool.apply(square, 3) + 1; }) == 10);

    // issue 368: it waits for a place that only it could free
    const auto member = pool.spawn([&] { pool.spawn([] {}); });
    log.push_back(thrown_by<LoopExit>([&] { member->join(); }).substr(0, 10));
    member->kill();
  });

  CHECK_FALSE(log.at(0) == "nothing");
}

TEST_CASE(
    "gevent 220: apply_async never blocks, and a full pool does not "
    "count it yet",
    "[conformance][pool]") {
  Log log;

  run_hub([&](TestHub& h) {  // test__pool.PoolBasicTests.test_execute_async
    Pool pool(1);
    const auto first = pool.apply_async([&] {
      log.emplace_back("first");
      sleep(1s);
      return 1;
    });
    CHECK(pool.full());
    CHECK(pool.contains(first));
    const auto second = pool.apply_async([&] {
      log.emplace_back("second");
      return 2;
    });
    CHECK_FALSE(pool.contains(second));
    CHECK(pool.size() == 1);
    CHECK(h.elapsed() == 0s);
    CHECK(second->get() == 2);
    CHECK(h.elapsed() == 1s);
    CHECK(first->get() == 1);
  });

  CHECK(log == Log{"first", "second"});
}

TEST_CASE(
    "gevent 221: the callback gets the result, in its own greenlet, and never "
    "a failure",
    "[conformance][pool]") {
  Numbers results;

  run_hub([&] {  // test__pool.TestPool.test_async_callback
    Pool pool(1);
    const Greenlet* callee = nullptr;
    bool was_same = false;
    const auto keep = [&](int n) {
      was_same |= callee == &current();
      results.push_back(n);
    };
    pool.apply_async_cb(
        keep, [&](int n) { return callee = &current(), n; }, 7);
    pool.apply_async_cb(keep, square, 3);  // the pool is full
    const auto failing =
        pool.apply_async_cb(keep, []() -> int { throw Oops(); });
    sleep(1s);
    CHECK_FALSE(was_same);
    CHECK_FALSE(failing->successful());
  });

  CHECK(results == Numbers{7, 9});
}

}  // namespace
}  // namespace greenroom::test
