#include "../../support/catch2.hpp"
#include "../../support/run_hub.hpp"

#include <greenroom/runtime/tasks/spawn.hpp>

#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;
using Log = std::vector<std::string>;

TEST_CASE("spawn: never runs the function at once", "[runtime][spawn]") {
  Log log;

  run_hub([&] {  // gevent 1
    spawn([&] { log.push_back("spawned"); });
    log.push_back("spawner");
    sleep();
    log.push_back("next turn");
  });

  CHECK(log == Log{"spawner", "spawned", "next turn"});
}

TEST_CASE("spawn: greenlets start in spawn order and take turns",
          "[runtime][spawn]") {
  Log log;

  run_hub([&] {  // gevent 2, test__order.TestSleep0.test
    const auto speak = [&](const std::string& name) {
      log.push_back(name + "A");
      sleep();
      log.push_back(name + "B");
    };
    joinall({spawn(speak, "1"), spawn(speak, "2")});
  });

  CHECK(log == Log{"1A", "2A", "1B", "2B"});
}

TEST_CASE("spawn: a child queues behind all that is ready, in the same turn",
          "[runtime][spawn]") {
  Log log;

  run_hub([&](TestHub& h) {  // gevent 3
    spawn_later(1s, [&] { log.push_back("timer"); });
    spawn([&] {
      spawn([&] { log.push_back("child"); });
      log.push_back("parent");
    });
    spawn([&] { log.push_back("sibling"); });
    h.advance(1s);
  });

  CHECK(log == Log{"parent", "sibling", "child", "timer"});
}

TEST_CASE("spawn: a greenlet lives on when its spawner has ended",
          "[runtime][spawn]") {
  Log log;

  run_hub([&] {
    // gevent 4, test__api.TestTimers.test_spawn_is_not_cancelled
    spawn([&] { spawn([&] { sleep(1s), log.push_back("child"); }); });
    sleep(2s);
  });

  CHECK(log == Log{"child"});
}

TEST_CASE("spawn: passes copies of the arguments and keeps the result's type",
          "[runtime][spawn]") {
  run_hub([&] {
    std::string word = "before";
    const auto g = spawn([](const std::string& text,
                            int times) { return text + std::to_string(times); },
                         word, 3);
    word = "after";
    STATIC_REQUIRE(std::is_same_v<decltype(g->get()), const std::string&>);
    CHECK(g->get() == "before3");

    int counter = 0;
    spawn([](int& c) { ++c; }, std::ref(counter))->join();
    CHECK(counter == 1);
  });
}

TEST_CASE("spawn: takes move-only functions, arguments and results",
          "[runtime][spawn]") {
  run_hub([&] {
    auto own = std::make_unique<int>(1);
    const auto g = spawn(
        [own = std::move(own)](std::unique_ptr<int> other) {
          *other += *own;
          return other;
        },
        std::make_unique<int>(2));
    CHECK(*g->take() == 3);
  });
}

TEST_CASE("spawn: takes member functions", "[runtime][spawn]") {
  struct Counter {
    int add(int n) { return value += n; }
    int value = 0;
  };

  run_hub([&] {
    Counter counter;
    CHECK(spawn(&Counter::add, &counter, 5)->get() == 5);
    CHECK(counter.value == 5);
  });
}

TEST_CASE("spawn: function and arguments end with the call, not the handle",
          "[runtime][spawn]") {
  run_hub([&] {
    const auto token = std::make_shared<int>();
    const auto g = spawn([held = token](const std::shared_ptr<int>&) {}, token);
    CHECK(token.use_count() == 3);
    g->join();
    CHECK(token.use_count() == 1);
  });
}

TEST_CASE("spawn: what cannot be called does not compile", "[runtime][spawn]") {
  // gevent 38, test__greenlet.TestBasic.test_spawn_non_callable
  STATIC_REQUIRE_FALSE(detail::Spawnable<int>);
  STATIC_REQUIRE_FALSE(detail::Spawnable<void (*)(int), std::string>);
  STATIC_REQUIRE(detail::Spawnable<void (*)(int), int>);
}

TEST_CASE("spawn: takes a name and a stack size", "[runtime][spawn]") {
  // Fills a piece of stack, and more of them below it.
  struct Deep {
    static int down(int kilobytes) {
      volatile char piece[1024];
      piece[0] = 1;
      return kilobytes == 0 ? 0 : piece[0] + down(kilobytes - 1);
    }
  };

  run_hub([&] {
    const auto plain = spawn([] { return sleep(), 1; });
    const auto large =
        spawn({.name = "diver", .stack_size = 4U << 20U}, &Deep::down, 2000);
    const auto larger = spawn({.stack_size = 8U << 20U}, [] {
      sleep();
      return Deep::down(4000);
    });
    CHECK(large->name() == "diver");
    CHECK(large->get() == 2000);
    CHECK(larger->get() == 4000);
    CHECK(plain->get() == 1);
    CHECK_THROWS_AS(large->set_stack_size(1), std::logic_error);
  });
}

TEST_CASE("spawn: keeps its turn when it wants a stack of its own",
          "[runtime][spawn]") {
  std::vector<int> log;

  run_hub([&] {
    for (int i = 0; i < 4; ++i) {
      const std::size_t size = i % 2 == 0 ? 0 : std::size_t{1} << 20U;
      spawn({.stack_size = size}, [&log, i] {
        log.push_back(i);
        sleep();
        log.push_back(i + 10);
      });
    }
    sleep(1s);
  });

  CHECK(log == std::vector<int>{0, 1, 2, 3, 10, 11, 12, 13});
}

TEST_CASE("spawn: fails with bad_alloc where there is no such stack",
          "[runtime][spawn]") {
  run_hub([&] {
    const auto g = spawn({.stack_size = std::size_t{1} << 50U}, [] {});
    CHECK_THROWS_AS(g->get(), std::bad_alloc);
    CHECK(spawn([] { return 1; })->get() == 1);
  });
}

TEST_CASE("spawn_later: starts by deadline, then in order of spawning",
          "[runtime][spawn]") {
  Log log;

  run_hub([&](TestHub& h) {  // gevent 8
    const auto speak = [&](const char* text) { log.push_back(text); };
    spawn_later(2s, speak, "2s");
    spawn_later(1s, speak, "1s, first");
    spawn_later(1s, speak, "1s, second");
    spawn_later(-1s, speak, "at once");
    h.advance(3s);
  });

  CHECK(log == Log{"at once", "1s, first", "1s, second", "2s"});
}

TEST_CASE("sleep: zero or less gives way once", "[runtime][spawn]") {
  Log log;

  run_hub([&](TestHub& h) {  // gevent 6
    const auto g = spawn([&] {
      log.push_back("1");
      sleep(-5s);
      log.push_back("2");
    });
    sleep(0s);
    log.push_back("main");
    sleep(-1ns);
    CHECK(h.elapsed() == 0s);
  });

  CHECK(log == Log{"1", "main", "2"});
}

TEST_CASE("sleep: equal sleeps end in the order they began",
          "[runtime][spawn]") {
  std::vector<int> log;

  run_hub([&] {  // gevent 8
    std::vector<GreenletPtr> all;
    for (int i = 0; i < 5; ++i)
      all.push_back(spawn([&log, i] { sleep(1s), log.push_back(i); }));
    joinall(all);
  });

  CHECK(log == std::vector<int>{0, 1, 2, 3, 4});
}

TEST_CASE("sleep: without end, only a kill ends it", "[runtime][spawn]") {
  run_hub([&] {
    const auto g = spawn([] { sleep(forever); });
    CHECK_FALSE(g->join(24h * 365));
    CHECK(g->kill());
  });
}

TEST_CASE("idle: comes back when nothing else is ready", "[runtime][spawn]") {
  Log log;

  run_hub([&] {  // gevent 11
    spawn([&] {
      for (int i = 0; i < 3; ++i) sleep();
      spawn([&] { log.push_back("child"); });
      log.push_back("busy");
    });
    spawn_later(1s, [&] { log.push_back("later"); });
    idle();
    log.push_back("idle");
  });

  CHECK(log == Log{"busy", "child", "idle", "later"});
}

TEST_CASE("idle: several come back in the order they began",
          "[runtime][spawn]") {
  std::vector<int> log;

  run_hub([&] {
    std::vector<GreenletPtr> all;
    for (int i = 0; i < 3; ++i)
      all.push_back(spawn([&log, i] { idle(), log.push_back(i); }));
    joinall(all);
  });

  CHECK(log == std::vector<int>{0, 1, 2});
}

TEST_CASE("current: is the running greenlet, or else the main one",
          "[runtime][spawn]") {
  run_hub([&] {
    Greenlet* seen = nullptr;
    Greenlet* seen_after_park = nullptr;
    const auto g = spawn([&] {
      seen = &current();
      sleep();
      seen_after_park = &current();
    });
    g->join();
    CHECK(seen == g.get());
    CHECK(seen_after_park == g.get());
    CHECK(&current() == &Hub::current().main());
  });
}

TEST_CASE("spawn: gives a thread without a hub one of its own",
          "[runtime][spawn]") {
  int result = 0;
  bool had_hub = true;

  std::thread([&] {
    had_hub = Hub::find() != nullptr;
    result = spawn([] { return 5; })->get();
  }).join();

  CHECK_FALSE(had_hub);
  CHECK(result == 5);
}

}  // namespace
}  // namespace greenroom::test
