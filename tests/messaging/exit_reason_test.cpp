#include "../support/catch2.hpp"

#include <greenroom/messaging/exit_reason.hpp>
#include <greenroom/runtime/core/errors.hpp>

#include <stdexcept>

namespace greenroom::test {
namespace {

using Kind = ExitReason::Kind;

TEST_CASE("exit_reason: is compared by its kind", "[messaging][exit_reason]") {
  const ExitReason reason{Kind::killed,
                          std::make_exception_ptr(GreenletExit())};

  CHECK(reason == Kind::killed);
  CHECK_FALSE(reason == Kind::failed);
}

TEST_CASE("exit_reason: is unknown unless told otherwise",
          "[messaging][exit_reason]") {
  CHECK(ExitReason() == Kind::unknown);
  CHECK(ExitReason().what == nullptr);
}

TEST_CASE("exit_reason: says in words how it came to the end",
          "[messaging][exit_reason]") {
  const auto disk_full =
      std::make_exception_ptr(std::runtime_error("disk full"));

  CHECK(to_string(ExitReason{Kind::stopped, nullptr}) == "stopped");
  CHECK(to_string(ExitReason{Kind::killed, std::make_exception_ptr(
                                               GreenletExit())}) == "killed");
  CHECK(to_string(ExitReason{Kind::failed, disk_full}) ==
        "failed with std::runtime_error: disk full");
  CHECK(to_string(ExitReason()) == "ended before");
}

}  // namespace
}  // namespace greenroom::test
