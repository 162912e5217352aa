#include "../../support/catch2.hpp"
#include "../../support/dies.hpp"

#include <greenroom/runtime/core/errors.hpp>
#include <greenroom/runtime/tasks/timeout.hpp>

#include <exception>
#include <string>
#include <type_traits>

namespace greenroom::test {
namespace {

TEST_CASE("errors: what ends a greenlet is not a std::exception",
          "[runtime][errors]") {
  // gevent 43, 129: a BaseException there
  STATIC_REQUIRE_FALSE(std::is_base_of_v<std::exception, GreenletExit>);
  STATIC_REQUIRE_FALSE(std::is_base_of_v<std::exception, TimeoutError>);
}

TEST_CASE("errors: misuse is a logic_error, a deadlock is a runtime_error",
          "[runtime][errors]") {
  STATIC_REQUIRE(std::is_base_of_v<std::logic_error, BlockingSwitchOutError>);
  STATIC_REQUIRE(std::is_base_of_v<std::logic_error, ConcurrentObjectUseError>);
  STATIC_REQUIRE(std::is_base_of_v<std::logic_error, SelfJoinError>);
  STATIC_REQUIRE(std::is_base_of_v<std::runtime_error, LoopExit>);
}

TEST_CASE("errors: a GreenletExit says why", "[runtime][errors]") {
  CHECK(GreenletExit().what() == std::string("GreenletExit"));
  CHECK(GreenletExit("curtain").what() == std::string("curtain"));
}

TEST_CASE("errors: abort_with() says one sentence and aborts",
          "[runtime][errors]") {
  const Death death = death_of([] { detail::abort_with("no way on"); });

  CHECK(death.signal == SIGABRT);
  CHECK(death.message == "greenroom: no way on\n");
}

}  // namespace
}  // namespace greenroom::test
