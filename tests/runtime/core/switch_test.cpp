#include "../../support/catch2.hpp"
#include "../../support/run_hub.hpp"

#include <greenroom/runtime/core/report.hpp>
#include <greenroom/runtime/core/switch.hpp>

#include <cfenv>
#include <cmath>
#include <cstdint>
#include <exception>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;
using Log = std::vector<std::string>;

// Trap 1: what C++ keeps about exceptions belongs to the greenlet.

TEST_CASE("switch: `throw` rethrows what this greenlet caught",
          "[runtime][switch]") {
  Log log;

  run_hub([&] {
    const auto juggle = [&](const std::string& name) {
      try {
        try {
          throw std::runtime_error(name);
        } catch (const std::runtime_error&) {
          sleep();
          try {
            throw std::logic_error("inner of " + name);
          } catch (const std::logic_error& e) {
            sleep();
            log.push_back(e.what());
          }
          sleep();
          throw;
        }
      } catch (const std::runtime_error& e) {
        log.push_back(e.what());
      }
    };
    joinall({spawn(juggle, "a"), spawn(juggle, "b"), spawn(juggle, "c")});
  });

  CHECK(log == Log{"inner of a", "inner of b", "inner of c", "a", "b", "c"});
}

TEST_CASE("switch: catch blocks may be left in any order",
          "[runtime][switch]") {
  Log log;

  run_hub([&] {
    const auto hold = [&](const char* name, Duration duration) {
      try {
        throw std::runtime_error(name);
      } catch (const std::runtime_error& e) {
        sleep(duration);
        log.push_back(e.what());
        log.push_back(detail::describe(std::current_exception()));
      }
      log.push_back(std::current_exception() == nullptr ? "none" : "left over");
    };
    joinall({spawn(hold, "long", 3s), spawn(hold, "short", 1s)});
    CHECK(std::current_exception() == nullptr);
  });

  CHECK(log == Log{"short", "std::runtime_error: short", "none",  //
                   "long", "std::runtime_error: long", "none"});
}

TEST_CASE("switch: the main greenlet may park inside a catch block, too",
          "[runtime][switch]") {
  std::string rethrown;

  run_hub([&] {
    try {
      try {
        throw std::runtime_error("main's");
      } catch (const std::runtime_error&) {
        const auto g = spawn([] { throw std::logic_error("greenlet's"); });
        CHECK_THROWS_AS(g->get(), std::logic_error);
        throw;
      }
    } catch (const std::exception& e) {
      rethrown = e.what();
    }
  });

  CHECK(rethrown == "main's");
}

TEST_CASE("switch: a new greenlet has caught nothing, wherever it begins",
          "[runtime][switch]") {
  std::vector<bool> clean;

  run_hub([&] {
    const auto look = [&] {
      clean.push_back(std::current_exception() == nullptr &&
                      std::uncaught_exceptions() == 0);
    };
    try {
      throw 1;
    } catch (int) {
      spawn(look);
      sleep();
      spawn([&] {
        try {
          throw 2;
        } catch (int) {
          spawn(look);
          sleep();
        }
      });
      sleep();
      sleep();
    }
  });

  CHECK(clean == std::vector<bool>{true, true});
}

TEST_CASE("switch: uncaught_exceptions() counts this greenlet's only",
          "[runtime][switch]") {
  std::vector<int> counts;
  struct Waits {
    ~Waits() {
      counts.push_back(std::uncaught_exceptions());
      sleep(1s);
      counts.push_back(std::uncaught_exceptions());
    }
    std::vector<int>& counts;
  };

  run_hub([&] {
    const auto unwinds = [&] {
      try {
        const Waits waits{counts};
        throw std::runtime_error("boom");
      } catch (const std::runtime_error&) {
      }
      counts.push_back(std::uncaught_exceptions());
    };
    const auto a = spawn(unwinds);
    const auto b = spawn(unwinds);
    sleep();  // both are being unwound, and wait
    counts.push_back(std::uncaught_exceptions());
    joinall({a, b});
  });

  CHECK(counts == std::vector<int>{1, 1, 0, 1, 0, 1, 0});
}

TEST_CASE("switch: nested exceptions survive a park", "[runtime][switch]") {
  std::string text;

  run_hub([&] {
    const auto g = spawn([] {
      try {
        throw std::runtime_error("cause");
      } catch (const std::runtime_error&) {
        sleep(1s);
        std::throw_with_nested(std::logic_error("effect"));
      }
    });
    const auto noise = spawn([] {
      for (int i = 0; i < 3; ++i) {
        try {
          throw i;
        } catch (int) {
          sleep(500ms);
        }
      }
    });
    try {
      g->get();
    } catch (const std::logic_error& effect) {
      text = effect.what();
      noise->join();
      try {
        std::rethrow_if_nested(effect);
      } catch (const std::runtime_error& cause) {
        text += std::string(" of ") + cause.what();
      }
    }
  });

  CHECK(text == "effect of cause");
}

// Trap 8: floating point across switches.

// One third, rounded in the mode of the thread.
double third() {
  volatile const double one = 1.0;
  volatile const double three = 3.0;
  return one / three;
}

std::string rounding_now() {
  switch (std::fegetround()) {
    case FE_UPWARD:
      return "up";
    case FE_DOWNWARD:
      return "down";
    case FE_TOWARDZERO:
      return "to zero";
    default:
      return "to nearest";
  }
}

TEST_CASE("switch: greenlets compute with doubles between their parks",
          "[runtime][switch]") {
  std::vector<double> sums;

  run_hub([&] {
    const auto add_up = [&](double seed) {
      double sum = seed;
      for (int i = 1; i <= 100; ++i) {
        sum += std::sqrt(sum) / i;
        sleep();
      }
      sums.push_back(sum);
    };
    joinall({spawn(add_up, 1.0), spawn(add_up, 2.0)});
  });

  const auto alone = [](double sum) {
    for (int i = 1; i <= 100; ++i) sum += std::sqrt(sum) / i;
    return sum;
  };
  CHECK(sums == std::vector<double>{alone(1.0), alone(2.0)});
}

TEST_CASE("switch: each greenlet keeps its rounding mode",
          "[runtime][switch]") {
  Log log;
  std::vector<double> thirds;

  run_hub([&] {
    const auto round = [&](int mode) {
      std::fesetround(mode);
      for (int i = 0; i < 3; ++i) sleep();
      log.push_back(rounding_now());
      thirds.push_back(third());
    };
    joinall({spawn(round, FE_UPWARD), spawn(round, FE_DOWNWARD),
             spawn(round, FE_TOWARDZERO)});
    log.push_back(rounding_now());
  });

  CHECK(log == Log{"up", "down", "to zero", "to nearest"});
  REQUIRE(thirds.size() == 3);
  CHECK(thirds[0] > thirds[1]);
  CHECK(thirds[1] == thirds[2]);
}

// Whether results too small for a normal number become zero: not a matter of
// <cfenv>, but a control bit of the same register.
void flush_to_zero(bool does) {
#if defined(__x86_64__)
  constexpr unsigned bit = 1U << 15U;
  const unsigned word = __builtin_ia32_stmxcsr();
  __builtin_ia32_ldmxcsr(does ? word | bit : word & ~bit);
#else
  constexpr std::uint64_t bit = 1U << 24U;
  const std::uint64_t word = detail::read_fpcr();
  detail::write_fpcr(does ? word | bit : word & ~bit);
#endif
}

bool flushes_to_zero() {
  volatile const double least = std::numeric_limits<double>::min();
  volatile const double two = 2.0;
  return least / two == 0.0;
}

TEST_CASE("switch: each greenlet keeps the other control bits, too",
          "[runtime][switch]") {
  std::vector<bool> flushes;

  run_hub([&] {
    const auto set = [&](bool does) {
      flush_to_zero(does);
      for (int i = 0; i < 3; ++i) sleep();
      flushes.push_back(flushes_to_zero());
      flush_to_zero(false);
    };
    joinall({spawn(set, true), spawn(set, false), spawn(set, true)});
    flushes.push_back(flushes_to_zero());
  });

  CHECK(flushes == std::vector<bool>{true, false, true, false});
}

TEST_CASE("switch: the main greenlet keeps its rounding mode",
          "[runtime][switch]") {
  Log log;

  run_hub([&] {
    std::fesetround(FE_UPWARD);
    spawn([&] { log.push_back(rounding_now()); });
    sleep(1s);
    log.push_back(rounding_now());
    std::fesetround(FE_TONEAREST);
  });

  CHECK(log == Log{"to nearest", "up"});
}

TEST_CASE("switch: new greenlets round to nearest, whatever the stack did",
          "[runtime][switch]") {
  Log log;

  run_hub([&] {
    for (const int mode : {FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO}) {
      // They run one after the other, on one stack.
      spawn([mode] { std::fesetround(mode); });
      spawn([&] { log.push_back(rounding_now()); });
      sleep();
      // This one leaves its stack to the others when it parks.
      const auto parks = spawn([mode] {
        std::fesetround(mode);
        sleep();
      });
      spawn([&] { log.push_back(rounding_now()); });
      parks->join();
      spawn([&] { log.push_back(rounding_now()); });
      sleep();
      // This one throws.
      const auto throws = spawn([mode] {
        std::fesetround(mode);
        throw GreenletExit();
      });
      spawn([&] { log.push_back(rounding_now()); });
      throws->join();
      sleep();
    }
  });

  CHECK(log == Log(12, "to nearest"));
}

}  // namespace
}  // namespace greenroom::test
