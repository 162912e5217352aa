#include "../../support/catch2.hpp"
#include "../../support/count_up.hpp"
#include "../../support/run_hub.hpp"

#include <greenroom/runtime/core/errors.hpp>
#include <greenroom/runtime/sync/event.hpp>
#include <greenroom/runtime/tasks/pool.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;

using Log = std::vector<std::string>;

TEST_CASE("pool: a map fills the places as they become free",
          "[runtime][pool]") {
  std::vector<std::size_t> sizes;

  run_hub([&] {  // golden 26_pool_size
    Pool pool(2);
    pool.map([&](int) { sizes.push_back(pool.size()); },
             std::vector<int>{0, 1, 2});
  });

  CHECK(sizes == std::vector<std::size_t>{2, 2, 1});
}

TEST_CASE("pool: nobody comes before those who wait for a place",
          "[runtime][pool]") {
  Log log;

  run_hub([&] {  // unlike gevent
    Pool pool(1);
    const auto first = pool.spawn([] { sleep(1s); });
    const auto waits =
        spawn([&] { pool.spawn([&] { log.emplace_back("who waited"); }); });
    sleep();
    first->join();
    CHECK(pool.full());  // the place is taken for it
    CHECK(pool.empty());
    CHECK_THROWS_AS(pool.add(spawn([] {}), 0s), PoolFull);
    pool.spawn([&] { log.emplace_back("who came then"); });
    pool.join();
  });

  CHECK(log == Log{"who waited", "who came then"});
}

TEST_CASE("pool: the pool never has more members than places",
          "[runtime][pool]") {
  std::size_t most = 0;
  int ran = 0;

  run_hub([&] {
    Pool pool(3);
    std::vector<GreenletPtr> spawners;
    for (int i = 0; i < 10; ++i)
      spawners.push_back(spawn([&, i] {
        for (int j = 0; j < 10; ++j)
          pool.spawn([&, i, j] {
            most = std::max(most, pool.size());
            sleep(std::chrono::milliseconds((7 * i + 3 * j) % 5));
            ++ran;
          });
      }));
    joinall(spawners);
    pool.join();
    CHECK(pool.free_count() == 3);
  });

  CHECK(most == 3);
  CHECK(ran == 100);
}

TEST_CASE("pool: wait_available parks until a place is free, and takes none",
          "[runtime][pool]") {
  run_hub([](TestHub& h) {
    Pool pool(2);
    CHECK(pool.wait_available() == 2);
    pool.spawn([] { sleep(1s); });
    pool.spawn([] { sleep(2s); });
    CHECK(pool.wait_available(0s) == 0);
    CHECK(pool.wait_available() == 1);
    CHECK(h.elapsed() == 1s);
    CHECK(pool.free_count() == 1);
  });
}

TEST_CASE("pool: the place of a late spawner goes to the next",
          "[runtime][pool]") {
  Log log;

  run_hub([&] {
    Pool pool(1);
    pool.spawn([] { sleep(2s); });
    const auto late = spawn([&] {
      try {
        pool.add(spawn([] {}), 1s);
      } catch (const PoolFull&) {
        log.emplace_back("full");
      }
    });
    const auto patient =
        spawn([&] { pool.spawn([&] { log.emplace_back("patient"); }); });
    joinall({late, patient});
    pool.join();
  });

  CHECK(log == Log{"full", "patient"});
}

TEST_CASE("pool: close() lets members go on, and nobody in",
          "[runtime][pool]") {
  Log log;

  run_hub([&] {
    Pool pool(1);
    pool.spawn([&] {
      sleep(1s);
      log.emplace_back("member");
    });
    const auto waits = spawn([&] {
      try {
        pool.spawn([] {});
      } catch (const PoolClosed&) {
        log.emplace_back("closed");
      }
    });
    const auto looks = spawn([&] { return pool.wait_available(); });
    sleep();
    pool.close();
    CHECK(pool.is_closed());
    CHECK(pool.full());
    CHECK(looks->get() == 0);
    CHECK_THROWS_AS(pool.apply([] {}), PoolClosed);
    CHECK(pool.join());
  });

  CHECK(log == Log{"closed", "member"});
}

TEST_CASE("pool: when it is destroyed those who wait for a place are told",
          "[runtime][pool]") {
  run_hub([] {
    std::optional<Pool> pool(1);
    const auto member = pool->spawn([] { sleep(1s); });
    const auto map =
        pool->map_async([](int n) { return n; }, std::vector<int>{1});
    const auto helper = pool->apply_async([] { return 1; });
    sleep();
    pool.reset();
    CHECK_THROWS_AS(map->get(), PoolClosed);
    CHECK_THROWS_AS(helper->get(), PoolClosed);
    CHECK(member->join());
  });
}

TEST_CASE("pool: many items do not make as many greenlets", "[runtime][pool]") {
  std::size_t most = 0;
  long sum = 0;

  run_hub([&] {
    Pool pool(100);
    const auto results = pool.map(
        [&](int i) {
          most = std::max(most, pool.size());
          return i;
        },
        count_up(100'000));
    for (const int i : results) sum += i;
  });

  CHECK(most == 100);
  CHECK(sum == 99'999L * 100'000 / 2);
}

}  // namespace
}  // namespace greenroom::test
