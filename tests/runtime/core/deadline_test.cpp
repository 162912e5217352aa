#include "../../support/catch2.hpp"
#include "../../support/run_hub.hpp"

#include <greenroom/runtime/core/deadline.hpp>

#include <thread>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;
using detail::Deadline;

TEST_CASE("deadline: what is left shrinks to zero and not below",
          "[runtime][deadline]") {
  run_hub([&](TestHub& h) {
    const Deadline deadline(5s);
    CHECK(deadline.left() == 5s);
    h.advance(3s);
    CHECK(deadline.left() == 2s);
    h.advance(3s);
    CHECK(deadline.left() == 0s);
    CHECK(Deadline(-1s).left() == 0s);
  });
}

TEST_CASE("deadline: counts from a time in the past if told so",
          "[runtime][deadline]") {
  run_hub([&](TestHub& h) {
    const TimePoint start = Hub::current().now();
    h.advance(2s);
    CHECK(Deadline(start, 5s).left() == 3s);
    CHECK(Deadline(start, 1s).left() == 0s);
    CHECK(Deadline(start, forever).left() == forever);
  });
}

TEST_CASE("deadline: one without a limit makes no hub", "[runtime][deadline]") {
  Duration left{};
  bool made_hub = true;

  std::thread([&] {
    left = Deadline(forever).left();
    made_hub = Hub::find() != nullptr;
  }).join();

  CHECK(left == forever);
  CHECK_FALSE(made_hub);
}

}  // namespace
}  // namespace greenroom::test
