#include "../../support/catch2.hpp"
#include "../../support/run_hub.hpp"

#include <greenroom/runtime/sync/lifo_queue.hpp>
#include <greenroom/runtime/tasks/spawn.hpp>

#include <memory>

namespace greenroom::test {
namespace {

TEST_CASE("lifo queue: last in, first out", "[runtime][lifo_queue]") {
  run_hub([&] {
    LifoQueue<int> queue(3, {1, 2});
    queue.put(3);
    CHECK(queue.full());
    CHECK_THROWS_AS(queue.put_nowait(4), Full);
    for (const int next : {3, 2, 1}) {
      CHECK(queue.peek() == next);
      CHECK(queue.get() == next);
    }
    CHECK_THROWS_AS(queue.get_nowait(), Empty);
  });
}

TEST_CASE("lifo queue: those who wait are still served in turn",
          "[runtime][lifo_queue]") {
  run_hub([&] {
    LifoQueue<std::unique_ptr<int>> queue;
    const auto first = spawn([&] { return *queue.get(); });
    const auto second = spawn([&] { return *queue.get(); });
    sleep();
    queue.put(std::make_unique<int>(1));
    queue.put(std::make_unique<int>(2));
    CHECK(first->get() == 2);
    CHECK(second->get() == 1);
  });
}

}  // namespace
}  // namespace greenroom::test
