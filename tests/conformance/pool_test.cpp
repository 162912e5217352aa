// gevent's Group and Pool, number by number: README.md.

#include "greenroom/runtime/pool.hpp"

#include "greenroom/runtime/errors.hpp"
#include "greenroom/runtime/event.hpp"
#include "greenroom/runtime/group.hpp"
#include "greenroom/runtime/timeout.hpp"
#include "greenroom/tests/support/count_up.hpp"
#include "greenroom/tests/support/run_hub.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <numeric>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;

using Log = std::vector<std::string>;
using Numbers = std::vector<int>;

struct Oops : std::runtime_error {
  explicit Oops(const std::string& what = "oops") : std::runtime_error(what) {}
};

// What f() throws as an Error, else "nothing".
template <class Error = Oops, class F>
std::string thrown_by(F f) {
  try {
    f();
    return "nothing";
  } catch (const Error& e) {
    return e.what();
  }
}

// Items of which each takes as long to come as it takes to be asked for.
template <class Next>
class Source {
 public:
  explicit Source(Next next) : next_(std::move(next)) {}

  struct Iterator {
    using value_type = int;
    using difference_type = std::ptrdiff_t;
    int operator*() const { return *current; }
    Iterator& operator++() {
      current = source->next_();
      return *this;
    }
    void operator++(int) { ++*this; }
    bool operator==(std::default_sentinel_t) const { return !current; }
    Source* source;
    std::optional<int> current;
  };
  Iterator begin() { return {this, next_()}; }
  static std::default_sentinel_t end() { return {}; }

 private:
  Next next_;
};

// 1, 2, 3, and then what last() does.
template <class Last>
auto one_two_three_and(Last last) {
  auto next = [last, i = 0]() mutable -> std::optional<int> {
    if (i < 3) return ++i;
    last();
    return std::nullopt;
  };
  return Source<decltype(next)>(std::move(next));
}

int square(int n) { return n * n; }

int fail_at_two(int n) {
  if (n == 2) throw Oops();
  return n;
}

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

TEST_CASE("gevent 194: a member leaves when it ends, also if it failed",
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

TEST_CASE("gevent 197: add and start block, or throw PoolFull in the end",
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
    "gevent 200: adding twice takes one place, and discarding a stranger "
    "gives none",
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
    "gevent 202: join on an empty one returns at once, and false if it "
    "is not empty in time",
    "[conformance][pool]") {
  Log log;

  run_hub([&](TestHub& h) {
    Pool pool(2);  // test__pool.TestJoinEmpty.test
    const auto other = spawn([&] { log.emplace_back("other"); });
    CHECK(pool.join());
    log.emplace_back("joined");

    // test__pool.TestSpawn.testSpawnAndWait
    pool.spawn([] { sleep(1s); });
    CHECK_FALSE(pool.join(100ms));
    CHECK(h.elapsed() == 100ms);
    CHECK(pool.join(1s));
    CHECK(h.elapsed() == 1s);
  });

  CHECK(log == Log{"joined", "other"});
}

TEST_CASE(
    "gevent 203: join ends when it was empty once, and tells of failures "
    "only if asked to",
    "[conformance][pool]") {
  run_hub([](TestHub& h) {
    Group group;
    group.spawn([] { sleep(1s); });
    const auto refill = spawn([&] {
      group.join();
      group.spawn([] { sleep(1s); });
    });
    sleep();
    CHECK(group.join());  // refilled in the same turn, before this wakes
    CHECK(h.elapsed() == 1s);
    CHECK(group.size() == 1);
    CHECK(group.join());

    // test__greenletset.Test.test_waitall
    const auto fail = [](const char* how) { throw Oops(how); };
    const auto later = [&](const char* how) { sleep(1s), fail(how); };
    group.spawn(later, "first member");
    group.spawn(fail, "first in time");
    CHECK(group.join());
    group.spawn(later, "first member");
    group.spawn(fail, "first in time");
    CHECK(thrown_by([&] { group.join(forever, raise_error); }) ==
          "first member");
    CHECK(h.elapsed() == 4s);
  });
}

TEST_CASE(
    "gevent 204: kill waits for the members, and kills those who join "
    "meanwhile",
    "[conformance][pool]") {
  Log log;

  run_hub([&] {
    Group group;
    group.spawn([&] {
      try {
        sleep(1s);
      } catch (...) {
        group.spawn([&] { log.emplace_back("added during kill"); });
        sleep(1s);
        log.emplace_back("cleaned up");
        group.spawn([&] { sleep(5s), log.emplace_back("added at its end"); });
        throw;
      }
    });
    sleep();
    CHECK(group.kill());
    CHECK(group.empty());
    log.emplace_back("killed");
  });

  CHECK(log == Log{"added during kill", "cleaned up", "killed"});
}

TEST_CASE("gevent 205: kill_soon takes effect at the next turn",
          "[conformance][pool]") {
  run_hub([] {  // test__greenletset.Test.test_kill_noblock
    Group group;
    const auto member = group.spawn([] { sleep(10s); });
    sleep();
    group.kill_soon();
    CHECK(group.size() == 1);
    CHECK_FALSE(member->dead());
    sleep();
    CHECK(member->dead());
    sleep();
    CHECK(group.empty());
  });
}

TEST_CASE(
    "gevent 206: a member is hit only once, however often the group is "
    "killed",
    "[conformance][pool]") {
  int hits = 0;

  run_hub([&] {  // test__greenletset.Test.test_kill_fires_once
    Group group;
    const auto undead = group.spawn([&] {
      for (;;) {
        try {
          sleep(100s);
          return;
        } catch (const GreenletExit&) {
          ++hits;
        }
      }
    });
    sleep();
    CHECK_FALSE(group.kill(nullptr, 1s));
    CHECK_FALSE(group.kill(nullptr, 1s));
    CHECK_FALSE(group.killone(undead, nullptr, 1s));
    CHECK(hits == 1);
    CHECK_FALSE(undead->kill(nullptr, 1s));
    CHECK(hits == 2);
    CHECK(undead->join());
  });
}

TEST_CASE(
    "gevent 207: kill with a limit says whether some survive, and lets "
    "another Timeout pass",
    "[conformance][pool]") {
  run_hub([](TestHub& h) {
    Group group;
    group.spawn([] {
      try {
        sleep(10s);
      } catch (const GreenletExit&) {
        sleep(10s);
      }
    });
    sleep();
    // Unlike gevent, which says nothing.
    CHECK_FALSE(group.kill(nullptr, 1s));
    CHECK(h.elapsed() == 1s);
    // test__greenletset.Test.test_kill_fires_once
    CHECK_THROWS_AS(with_timeout(1s, [&] { return group.kill(nullptr, 5s); }),
                    TimeoutError);
    CHECK(h.elapsed() == 2s);
    CHECK(group.kill());
    CHECK(h.elapsed() == 10s);
  });
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

TEST_CASE("gevent 209: map returns results in the order of the input",
          "[conformance][pool]") {
  run_hub([] {  // test__pool.TestPool.test_map
    const auto slowly = [](int n) {
      sleep(std::chrono::seconds(10 - n));
      return n * n;
    };
    for (const int size : {1, 2, 3, 10}) {
      Pool pool(size);
      CHECK(pool.map(slowly, count_up(10)) ==
            Numbers{0, 1, 4, 9, 16, 25, 36, 49, 64, 81});
    }
    CHECK(Pool().map(slowly, Numbers{3, 1, 2}) == Numbers{9, 1, 4});
    CHECK(Group().map(square, std::array{3, 1, 2}) == Numbers{9, 1, 4});
  });
}

TEST_CASE(
    "gevent 210: map throws the failure that is first in the input, and "
    "the others run on",
    "[conformance][pool]") {
  Log log;

  run_hub([&](TestHub& h) {  // test__pool.TestErrorInHandler.test_map
    const auto call = [&](int n) {
      sleep(std::chrono::seconds(3 - n));
      log.push_back(std::to_string(n));
      if (n != 2) throw Oops(std::to_string(n));
    };
    Group group;
    CHECK(thrown_by([&] { group.map(call, Numbers{2, 1, 0, -1}); }) == "1");
    CHECK(h.elapsed() == 2s);  // when the first was known
    log.emplace_back("thrown");
    group.join();
    CHECK(h.elapsed() == 4s);

    Pool pool(1);
    CHECK_THROWS_AS(pool.map(call, Numbers{0, 1, 2}), Oops);
    pool.join();
  });

  CHECK(log == Log{"2", "1", "thrown", "0", "-1", "0", "1", "2"});
}

TEST_CASE("gevent 211: imap is in order, imap_unordered as the calls end",
          "[conformance][pool]") {
  run_hub([] {
    const auto slowly = [](int n) {
      sleep(std::chrono::seconds(n));
      return n;
    };
    const Numbers input{3, 1, 2};
    const auto collect = [](auto results) {
      Numbers all;
      for (const int n : results) all.push_back(n);
      return all;
    };
    // test__pool.TestPool.test_imap_random, .test_imap_unordered_sleep
    Pool three(3);
    CHECK(collect(three.imap(slowly, input)) == Numbers{3, 1, 2});
    CHECK(collect(three.imap_unordered(slowly, input)) == Numbers{1, 2, 3});
    Pool one(1);
    CHECK(collect(one.imap_unordered(slowly, input)) == Numbers{3, 1, 2});
  });
}

TEST_CASE(
    "gevent 212: next() throws the error of its call and goes on after "
    "it",
    "[conformance][pool]") {
  run_hub([] {
    // test__pool.TestErrorInHandler.test_imap, .test_imap_unordered
    Pool pool(3);
    const auto check = [](auto results) {
      CHECK(results.next() == 1);
      CHECK_THROWS_AS(results.next(), Oops);
      CHECK(results.next() == 3);
      CHECK(results.next() == std::nullopt);
      CHECK(results.next() == std::nullopt);
    };
    check(pool.imap(fail_at_two, Numbers{1, 2, 3}));
    check(pool.imap_unordered(fail_at_two, Numbers{1, 2, 3}));
  });
}

TEST_CASE("gevent 213: nothing comes of an empty input",
          "[conformance][pool]") {
  run_hub([] {
    // test__pool.TestPool.test_empty_map, .test_empty_imap,
    // .test_empty_imap_unordered
    Pool pool(2);
    CHECK(pool.map(square, Numbers{}).empty());
    CHECK(pool.imap(square, Numbers{}).next() == std::nullopt);
    CHECK(pool.imap_unordered(square, Numbers{}).next() == std::nullopt);
  });
}

TEST_CASE("gevent 214: several ranges are zipped", "[conformance][pool]") {
  run_hub([] {  // test__pool.TestPool.test_imap_unordered_bounded_queue
    Pool pool(2);
    const auto repeat = [](int times, const std::string& text) {
      std::string all;
      for (int i = 0; i < times; ++i) all += text;
      return all;
    };
    const Log texts{"a", "b", "c"};
    CHECK(pool.map(repeat, Numbers{1, 2, 3, 4}, texts) ==
          Log{"a", "bb", "ccc"});
    CHECK(pool.map(repeat, Numbers{2, 1}, texts) == Log{"aa", "b"});
    auto results = pool.imap_unordered(repeat, Numbers{1}, Log{"x", "y"});
    CHECK(results.next() == "x");
    CHECK(results.next() == std::nullopt);
  });
}

TEST_CASE(
    "gevent 215: a range that blocks before its end does not keep the "
    "results back",
    "[conformance][pool]") {
  run_hub([](TestHub& h) {
    // test__pool.TestPool.test_imap_no_stop, .test_imap_final_sleep,
    // .test_imap_unordered_no_stop, .test_imap_unordered_final_sleep
    Pool pool(3);
    const auto check = [&](auto results) {
      const auto begin = h.elapsed();
      CHECK(results.next() == 1);
      CHECK(results.next() == 4);
      CHECK(results.next() == 9);
      CHECK(h.elapsed() == begin);
      CHECK(results.next() == std::nullopt);
      CHECK(h.elapsed() == begin + 1s);
    };
    check(pool.imap(square, one_two_three_and([] { sleep(1s); })));
    check(pool.imap_unordered(square, one_two_three_and([] { sleep(1s); })));
  });
}

TEST_CASE(
    "gevent 216: what a range throws comes after the results, and ends "
    "them",
    "[conformance][pool]") {
  run_hub([] {
    // test__pool.TestErrorInIterator.test, .test_unordered. Unlike gevent,
    // whose imap_unordered() threw it first and then blocked for ever.
    Pool pool(3);
    const auto range = one_two_three_and([] { throw Oops("the range"); });
    CHECK(thrown_by([&] { pool.map(square, range); }) == "the range");
    const auto check = [](auto results) {
      CHECK(results.next() == 1);
      CHECK(results.next() == 4);
      CHECK(results.next() == 9);
      CHECK_THROWS_AS(results.next(), Oops);
      CHECK(results.next() == std::nullopt);
    };
    check(pool.imap(square, range));
    check(pool.imap_unordered(square, range));
  });
}

TEST_CASE(
    "gevent 217: imap runs ahead without bounds, or at most maxsize "
    "calls",
    "[conformance][pool]") {
  int begun = 0;

  run_hub([&] {  // test__pool.TestPool.test_imap_unordered_bounded_queue
    Group group;
    const auto count = [&](int n) { return ++begun, n; };
    auto unbounded = group.imap(count, count_up(100));
    sleep(1s);
    CHECK(begun == 100);
    CHECK(unbounded.next() == 0);

    const auto check = [&](auto bounded) {
      begun = 0;
      sleep(1s);
      CHECK(begun == 3);
      CHECK(bounded.next() == 0);
      sleep(1s);
      CHECK(begun == 4);
      for (int i = 1; i < 10; ++i) CHECK(bounded.next() == i);
      CHECK(bounded.next() == std::nullopt);
    };
    check(group.imap({.maxsize = 3}, count, count_up(10)));
    check(group.imap_unordered({.maxsize = 3}, count, count_up(10)));
  });
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
    "gevent 219: apply in a member of the pool calls right there, spawn "
    "waits",
    "[conformance][pool]") {
  Log log;

  run_hub([&] {  // test__pool.TestCoroutinePool.test_reentrant
    Pool pool(1);
    CHECK(pool.apply([&] { return pool.apply(square, 3) + 1; }) == 10);

    // issue 368: it waits for a place that only it could give back
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
    "gevent 221: the callback gets the result in its own greenlet, never "
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

TEST_CASE("gevent 222: kill during map_async returns soon, and the map ends",
          "[conformance][pool]") {
  run_hub([](TestHub& h) {  // test__pool.TestPool.test_terminate
    Pool pool(10);
    const auto map = pool.map_async([](int) { sleep(10s); }, count_up(20));
    sleep(1s);
    CHECK(pool.kill());
    CHECK(h.elapsed() == 1s);
    CHECK(map->join(1s));
    CHECK(h.elapsed() == 1s);
    CHECK_THROWS_AS(map->get(), GreenletExit);  // of the first member
  });
}

TEST_CASE("gevent 223: members are listed and killed in the order of joining",
          "[conformance][pool]") {
  Log log;

  run_hub([&] {  // gevent does not promise any
    Group group;
    const auto member = [&](const char* name) {
      try {
        sleep(1s);
      } catch (const GreenletExit&) {
        log.emplace_back(name);
        throw;
      }
    };
    const auto c = group.spawn(member, "c");
    const auto a = group.spawn(member, "a");
    const auto b = group.spawn(member, "b");
    sleep();
    CHECK(group.members() == std::vector<GreenletPtr>{c, a, b});
    group.kill();
  });

  CHECK(log == Log{"c", "a", "b"});
}

}  // namespace
}  // namespace greenroom::test
