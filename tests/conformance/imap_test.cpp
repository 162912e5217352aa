// gevent's map and imap, number by number: README.md.

#include "../support/catch2.hpp"
#include "../support/count_up.hpp"
#include "../support/run_hub.hpp"
#include "../support/thrown_by.hpp"

#include <greenroom/runtime/tasks/group.hpp>
#include <greenroom/runtime/tasks/imap.hpp>
#include <greenroom/runtime/tasks/pool.hpp>

#include <array>
#include <cstddef>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;

using Log = std::vector<std::string>;
using Numbers = std::vector<int>;

// A range whose items come from next(), which may wait before each.
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

// 1, 2, 3, and then a call of last().
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
    "gevent 210: map throws the failure that is first in the input, and the "
    "other calls run on",
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
    CHECK(h.elapsed() == 2s);  // when the first failure was known
    log.emplace_back("thrown");
    group.join();
    CHECK(h.elapsed() == 4s);

    Pool pool(1);
    CHECK_THROWS_AS(pool.map(call, Numbers{0, 1, 2}), Oops);
    pool.join();
  });

  CHECK(log == Log{"2", "1", "thrown", "0", "-1", "0", "1", "2"});
}

TEST_CASE(
    "gevent 211: imap gives results in order, imap_unordered as the calls end",
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

TEST_CASE("gevent 213: an empty input gives no results",
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
    "gevent 215: a range that blocks before its end does not hold back the "
    "results",
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
    "gevent 216: an exception of the range comes after the results, and ends "
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
    "gevent 217: imap runs ahead without a limit, or by at most maxsize calls",
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

}  // namespace
}  // namespace greenroom::test
