#include "../../support/catch2.hpp"
#include "../../support/run_hub.hpp"

#include <greenroom/runtime/sync/wait_line.hpp>
#include <greenroom/runtime/tasks/spawn.hpp>

#include <string>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;

constexpr WaitReason kWaitsForBread{"bread"};

// Loaves that customers stand in line for.
struct Bakery {
  void bake() {
    ++loaves;
    line.wake_one();
  }
  bool buy(Duration limit = forever) {
    if (loaves == 0 &&
        !line.wait(kWaitsForBread, this, limit, [this] { return loaves > 0; }))
      return false;
    --loaves;
    return true;
  }

  detail::WaitLine line;
  int loaves = 0;
};

TEST_CASE("wait line: one woken in vain stands before all that came later",
          "[runtime][wait_line]") {
  std::string log;

  run_hub([&] {
    Bakery bakery;
    const auto customer = [&](char name) {
      for (int i = 0; i < 2; ++i) {
        bakery.buy();
        log += name;
      }
    };
    for (const char name : {'a', 'b', 'c'}) spawn(customer, name);
    sleep();
    bakery.bake();
    bakery.bake();  // for a and b, but a takes both
    sleep();
    spawn(customer, 'd');
    sleep();
    for (int i = 0; i < 6; ++i) {
      bakery.bake();
      sleep();
    }
    CHECK(bakery.line.empty());
  });

  CHECK(log == "aabcdbcd");
}

TEST_CASE("wait line: a limit counts from the first wait",
          "[runtime][wait_line]") {
  run_hub([&](TestHub& h) {
    Bakery bakery;
    const auto late = spawn([&] { return bakery.buy(5s); });
    for (int i = 0; i < 4; ++i) {
      sleep(1s);
      bakery.line.wake_one();  // in vain
    }
    CHECK_FALSE(late->get());
    CHECK(h.elapsed() == 5s);
    CHECK(bakery.line.empty());
  });
}

TEST_CASE("wait line: a kill that comes with a wake in vain is thrown then",
          "[runtime][wait_line]") {
  run_hub([&] {
    Bakery bakery;
    const auto killed = spawn([&] { return bakery.buy(); });
    sleep();
    bakery.line.wake_one();
    killed->kill();
    CHECK(killed->value() == nullptr);
    CHECK(bakery.line.empty());
  });
}

TEST_CASE("wait line: wake_all() wakes each, oldest first",
          "[runtime][wait_line]") {
  std::string log;

  run_hub([&] {
    Bakery bakery;
    for (const char name : {'a', 'b', 'c'})
      spawn([&, name] {
        bakery.buy();
        log += name;
      });
    sleep();
    bakery.loaves = 2;
    bakery.line.wake_all();
    sleep();
    CHECK(log == "ab");
    bakery.bake();
    wait();
  });

  CHECK(log == "abc");
}

}  // namespace
}  // namespace greenroom::test
