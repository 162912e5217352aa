#include "greenroom/runtime/event.hpp"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "greenroom/tests/support/run_hub.hpp"

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;

TEST_CASE("event: set() wakes waiters in the order they waited",
          "[runtime][event]") {
  std::vector<std::string> log;

  run_hub([&] {
    Event ready;
    auto first = spawn([&] { ready.wait(), log.push_back("first"); });
    auto second = spawn([&] { ready.wait(), log.push_back("second"); });
    sleep();  // both are now waiting

    ready.set();
    log.push_back("setter");
    joinall({first, second});
  });

  CHECK(log == std::vector<std::string>{"setter", "first", "second"});
}

}  // namespace
}  // namespace greenroom::test
