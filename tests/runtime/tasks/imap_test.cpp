#include "../../support/catch2.hpp"
#include "../../support/count_up.hpp"
#include "../../support/run_hub.hpp"

#include <greenroom/runtime/sync/event.hpp>
#include <greenroom/runtime/tasks/imap.hpp>
#include <greenroom/runtime/tasks/pool.hpp>

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;

using Numbers = std::vector<int>;

TEST_CASE("imap: *it throws that item's error, ++it goes on",
          "[runtime][imap]") {
  run_hub([] {
    Pool pool(2);
    auto results = pool.imap(
        [](int n) {
          if (n == 2) throw std::runtime_error("two");
          return 10 * n;
        },
        Numbers{1, 2, 3});
    auto it = results.begin();
    CHECK(*it == 10);
    ++it;
    CHECK_THROWS_WITH(*it, "two");
    CHECK_THROWS_WITH(*it, "two");  // the same one again
    ++it;
    CHECK(*it == 30);
    ++it;
    CHECK(it == results.end());
  });
}

TEST_CASE("imap: it is a range of the results", "[runtime][imap]") {
  Numbers all;

  run_hub([&] {  // golden 25_group_map
    Group group;
    const auto intensive = [](int n) {
      sleep(std::chrono::seconds(3 - n));
      return n;
    };
    for (const int n : group.imap(intensive, count_up(3))) all.push_back(n);
    for (const int n : group.imap_unordered(intensive, count_up(3)))
      all.push_back(n);
  });

  CHECK(all == Numbers{0, 1, 2, 2, 1, 0});
}

TEST_CASE("imap: it runs the same way every time", "[runtime][imap]") {
  std::vector<Numbers> runs;

  run_hub([&] {  // golden 09_determinism_pool
    Pool pool(10);
    const auto echo = [](int n) {
      sleep(1ms);
      return n;
    };
    for (int run = 0; run < 4; ++run) {
      auto& all = runs.emplace_back();
      for (const int n : pool.imap_unordered(echo, count_up(10)))
        all.push_back(n);
    }
  });

  const Numbers in_order{0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
  CHECK(runs == std::vector<Numbers>(4, in_order));
}

TEST_CASE("imap: a function without a result still says when it has ended",
          "[runtime][imap]") {
  int calls = 0;
  int ends = 0;

  run_hub([&] {
    Pool pool(2);
    for ([[maybe_unused]] const auto& ended :
         pool.imap([&](int) { ++calls; }, Numbers{1, 2, 3}))
      ++ends;
  });

  CHECK(calls == 3);
  CHECK(ends == 3);
}

TEST_CASE("imap: items and results may be move-only", "[runtime][imap]") {
  run_hub([] {
    using Box = std::unique_ptr<int>;
    std::vector<Box> boxes;
    for (int i = 0; i < 3; ++i) boxes.push_back(std::make_unique<int>(i));
    Pool pool(2);
    const std::vector<Box> moved =
        pool.map([](Box box) { return box; }, std::move(boxes));
    CHECK(moved.size() == 3);
    CHECK(*moved.at(2) == 2);
  });
}

TEST_CASE("imap: the range is copied", "[runtime][imap]") {
  run_hub([] {
    Pool pool(1);
    auto range = std::make_unique<Numbers>(Numbers{1, 2, 3});
    auto results = pool.imap([](int n) { return n; }, *range);
    range.reset();
    for (const int n : {1, 2, 3}) CHECK(results.next() == n);
  });
}

TEST_CASE("imap: left early, it begins no more calls, and those that run go on",
          "[runtime][imap]") {
  Numbers calls;

  run_hub([&] {  // unlike gevent
    Pool pool(2);
    {
      auto results = pool.imap(
          [&](int n) {
            sleep(std::chrono::seconds(n));
            calls.push_back(n);
            return n;
          },
          count_up(100));
      CHECK(results.next() == 0);
    }
    CHECK(pool.join());
  });

  CHECK(calls == Numbers{0, 1, 2});
}

TEST_CASE("imap: one that is killed in a map begins no more calls",
          "[runtime][imap]") {
  int calls = 0;

  run_hub([&] {
    Pool pool(1);
    const auto mapper = spawn([&] {
      pool.map(
          [&](int) {
            ++calls;
            sleep(1s);
          },
          Numbers{1, 2, 3});
    });
    sleep(500ms);
    CHECK(mapper->kill());
    CHECK(pool.join());
  });

  CHECK(calls == 1);
}

TEST_CASE("imap: maxsize 1 makes one call for each result asked for",
          "[runtime][imap]") {
  Numbers calls;

  run_hub([&] {
    Group group;
    auto results = group.imap(
        {.maxsize = 1}, [&](int n) { return calls.push_back(n), n; },
        count_up(100));
    sleep(1s);
    CHECK(calls == Numbers{0});
    CHECK(results.next() == 0);
    sleep(1s);
    CHECK(calls == Numbers{0, 1});
  });
}

TEST_CASE("imap: a killed call is an error of its item", "[runtime][imap]") {
  run_hub([] {
    Group group;
    auto results = group.imap(
        [](int n) {
          sleep(std::chrono::seconds(n));
          return n;
        },
        Numbers{5, 1});
    sleep(500ms);
    CHECK(group.killone(group.members().front()));
    CHECK_THROWS_AS(results.next(), GreenletExit);
    CHECK(results.next() == 1);
    CHECK(results.next() == std::nullopt);
  });
}

TEST_CASE("imap: the failure of a call is kept, and not printed",
          "[runtime][imap]") {
  run_hub([] {
    Group group;
    CHECK_THROWS_WITH(
        group.map([](int) { throw std::runtime_error("kept"); }, Numbers{1}),
        "kept");
  });
}

}  // namespace
}  // namespace greenroom::test
