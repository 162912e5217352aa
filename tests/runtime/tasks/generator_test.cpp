#include "../../support/catch2.hpp"
#include "../../support/dies.hpp"
#include "../../support/run_hub.hpp"

#include <greenroom/runtime/tasks/generator.hpp>

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;
using Log = std::vector<std::string>;

// Says when it is unwound.
struct Guard {
  Log& log;
  ~Guard() { log.push_back("unwound"); }
};

Generator<int> count_to(int last) {
  return Generator<int>([last](auto& yield) {
    for (int n = 1; n <= last; ++n) yield(n);
  });
}

TEST_CASE("generator: hands out values until its function ends",
          "[runtime][generator]") {
  run_hub([&] {
    std::vector<int> seen;
    auto numbers = count_to(3);
    for (int n : numbers) seen.push_back(n);
    CHECK(seen == std::vector<int>{1, 2, 3});
    CHECK_FALSE(numbers.next());
    CHECK_FALSE(numbers.next());

    auto two = count_to(2);
    CHECK(two.next() == 1);
    CHECK(two.next() == 2);
    CHECK_FALSE(two.next());
  });
}

TEST_CASE("generator: switches directly, and begins when asked",
          "[runtime][generator]") {
  Log log;

  run_hub([&] {
    spawn([&] { log.push_back("others"); });
    Generator<int> numbers([&](Yield<int>& yield) {
      log.push_back("begins");
      yield(1);
      log.push_back("goes on");
      yield(2);
    });
    log.push_back("made");
    log.push_back(std::to_string(*numbers.next()));
    log.push_back(std::to_string(*numbers.next()));
    sleep();
  });

  CHECK(log == Log{"made", "begins", "1", "goes on", "2", "others"});
}

TEST_CASE("generator: the consumers of the tutorial eat what they are sent",
          "[runtime][generator]") {
  Log log;

  run_hub([&] {  // golden 42, where nobody asks p for anything; here it runs
    const auto consumer = [&](const std::string& name) {
      return Generator<void, int>([&log, name](auto& yield) {
        log.push_back("--->starting eating baozi...");
        for (;;) {
          const int baozi = yield();
          log.push_back("[" + name + "] is eating baozi " +
                        std::to_string(baozi));
        }
      });
    };
    auto c1 = consumer("c1");
    auto c2 = consumer("c2");
    c1.next();
    c2.next();
    for (int n = 1; n <= 2; ++n) {
      c1.send(n);
      c2.send(n);
      log.push_back("[producer] is making baozi " + std::to_string(n));
    }
  });

  CHECK(log == Log{"--->starting eating baozi...",
                   "--->starting eating baozi...", "[c1] is eating baozi 1",
                   "[c2] is eating baozi 1", "[producer] is making baozi 1",
                   "[c1] is eating baozi 2", "[c2] is eating baozi 2",
                   "[producer] is making baozi 2"});
}

TEST_CASE("generator: send() returns the next value", "[runtime][generator]") {
  run_hub([&] {
    Generator<int, int> sums([](auto& yield) {
      int sum = 0;
      while (sum < 100) sum += yield(sum);
    });
    CHECK_THROWS_AS(sums.send(1), InvalidSwitchError);
    CHECK(sums.next() == 0);
    CHECK(sums.send(3) == 3);
    CHECK(sums.send(4) == 7);
    CHECK(sums.next() == 7);  // as if 0 were sent
    CHECK_FALSE(sums.send(100));
    CHECK_FALSE(sums.send(1));
  });
}

TEST_CASE("generator: values and generators may be move-only",
          "[runtime][generator]") {
  run_hub([&] {
    std::vector<Generator<std::unique_ptr<int>>> all;
    all.emplace_back([own = std::make_unique<int>(5)](auto& yield) mutable {
      yield(std::make_unique<int>(4));
      yield(std::move(own));
    });
    auto moved = std::move(all.front());
    all.clear();
    int sum = 0;
    for (auto& value : moved) sum += *value;
    CHECK(sum == 9);
  });
}

TEST_CASE(
    "generator: the one that asks is thrown what its function throws, once",
    "[runtime][generator]") {
  run_hub([&] {
    Generator<int> numbers([](auto& yield) {
      yield(1);
      throw std::runtime_error("no more");
    });
    CHECK(numbers.next() == 1);
    CHECK_THROWS_WITH(numbers.next(), "no more");
    CHECK_FALSE(numbers.next());
  });
}

TEST_CASE("generator: an abandoned one is unwound before it is gone",
          "[runtime][generator]") {
  Log log;

  run_hub([&] {
    spawn([&] { log.push_back("others"); });
    {
      Generator<int> numbers([&](auto& yield) {
        const Guard guard{log};
        yield(1);
        log.push_back("not reached");
      });
      numbers.next();
      log.push_back("leaves");
    }
    log.push_back("left");
    {
      // Never asked: never begins.
      Generator<int> unused([&](auto& yield) { yield(1), log.push_back("?"); });
    }
    {
      // Its destructors wait.
      Generator<int> slow([&](auto& yield) {
        struct Slow {
          Log& log;
          ~Slow() { sleep(1s), log.push_back("slowly unwound"); }
        } const last{log};
        try {
          yield(1);
        } catch (...) {
          log.push_back("caught");
          yield(2);  // throws as well
        }
      });
      slow.next();
    }
    log.push_back("the end");
  });

  CHECK(log == Log{"leaves", "unwound", "left", "caught", "others",
                   "slowly unwound", "the end"});
}

TEST_CASE("generator: is unwound with the greenlet that asks, or with the hub",
          "[runtime][generator]") {
  Log log;

  run_hub([&] {
    const auto ask = [&] {
      Generator<int> numbers([&](auto& yield) {
        const Guard guard{log};
        for (;;) yield(1);
      });
      numbers.next();
      sleep(1h);
    };
    const auto killed = spawn(ask);
    sleep();
    killed->kill();
    log.push_back("killed");
    spawn([&] {
      Event never;
      Generator<int> numbers([&](auto& yield) {
        const Guard guard{log};
        yield(1);
      });
      numbers.next();
      never.wait();
    });
    wait();
  });

  CHECK(log == Log{"unwound", "killed", "unwound"});
}

TEST_CASE("generator: its function may wait for anything",
          "[runtime][generator]") {
  run_hub([&](TestHub& h) {
    Generator<int> ticks([](auto& yield) {
      for (int n = 1;; ++n) {
        sleep(1s);
        yield(n);
      }
    });
    CHECK(ticks.next() == 1);
    CHECK(ticks.next() == 2);
    CHECK(h.elapsed() == 2s);
  });
}

// Trap 4: the value of an interrupted next() is for the next one.
TEST_CASE("generator: a kill or limit of the one that asks loses no value",
          "[runtime][generator]") {
  run_hub([&] {
    Generator<int> ticks([](auto& yield) {
      for (int n = 1;; ++n) {
        sleep(2s);
        yield(n);
      }
    });
    CHECK_FALSE(within(1s, [&] { ticks.next(); }));
    const auto killed = spawn([&] { ticks.next(); });
    sleep();
    killed->kill();
    sleep(5s);
    CHECK(ticks.next() == 1);
    CHECK(ticks.next() == 2);
    // Left while it sleeps: it is killed where it is.
    CHECK_FALSE(within(1s, [&] { ticks.next(); }));
  });
}

TEST_CASE("generator: one greenlet at a time asks, and not itself",
          "[runtime][generator]") {
  Log log;

  run_hub([&] {
    std::optional<Generator<int>> numbers;
    numbers.emplace([&](auto& yield) {
      try {
        numbers->next();
      } catch (const ConcurrentObjectUseError&) {
        log.push_back("not itself");
      }
      sleep(1s);
      yield(1);
    });
    const auto other = spawn([&] {
      try {
        numbers->next();
      } catch (const ConcurrentObjectUseError&) {
        log.push_back("one at a time");
      }
    });
    CHECK(numbers->next() == 1);
    other->join();
  });

  CHECK(log == Log{"not itself", "one at a time"});
}

TEST_CASE("generator: yield belongs to its greenlet", "[runtime][generator]") {
  Log log;

  run_hub([&] {
    Generator<int> numbers([&](auto& yield) {
      const auto thief = spawn([&] {
        try {
          yield(7);
        } catch (const InvalidSwitchError&) {
          log.push_back("refused");
        }
      });
      thief->join();
      yield(1);
    });
    CHECK(numbers.next() == 1);
  });

  CHECK(log == Log{"refused"});
}

TEST_CASE("generator: use from another thread aborts with a sentence",
          "[runtime][generator]") {
  const Death death = death_of([] {
    run_hub([] {
      auto numbers = count_to(1);
      std::thread([&] { numbers.next(); }).join();
    });
  });
  CHECK(death.signal == SIGABRT);
  CHECK(death.message.find("Generator::next called from a thread") !=
        std::string::npos);
}

}  // namespace
}  // namespace greenroom::test
