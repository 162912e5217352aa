#include "../../support/catch2.hpp"
#include "../../support/run_hub.hpp"
#include "../../support/stubborn.hpp"

#include <greenroom/runtime/sync/priority_queue.hpp>
#include <greenroom/runtime/tasks/spawn.hpp>

#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace greenroom::test {
namespace {

// Compared by urgency only.
struct Task {
  int urgency;
  std::string name;
  bool operator<(const Task& other) const { return urgency < other.urgency; }
};

TEST_CASE("priority queue: smallest first, equal items in order of arrival",
          "[runtime][priority_queue]") {
  std::vector<std::string> log;

  run_hub([&] {
    PriorityQueue<Task> queue;
    queue.put({2, "a"});
    queue.put({1, "b"});
    queue.put({2, "c"});
    queue.put({1, "d"});
    CHECK(queue.peek().name == "b");
    while (!queue.empty()) log.push_back(queue.get().name);
  });

  CHECK(log == std::vector<std::string>{"b", "d", "a", "c"});
}

TEST_CASE("priority queue: orders by a Compare of one's own",
          "[runtime][priority_queue]") {
  run_hub([&] {
    PriorityQueue<int, std::greater<>> largest_first(0, {2, 3, 1});
    for (const int next : {3, 2, 1}) CHECK(largest_first.get() == next);
  });
}

TEST_CASE("priority queue: items need only be movable",
          "[runtime][priority_queue]") {
  struct Cheaper {
    bool operator()(const std::unique_ptr<int>& a,
                    const std::unique_ptr<int>& b) const {
      return *a < *b;
    }
  };

  run_hub([&] {
    PriorityQueue<std::unique_ptr<int>, Cheaper> queue;
    queue.put(std::make_unique<int>(2));
    queue.put_nowait(std::make_unique<int>(1));
    CHECK(*queue.get() == 1);
    CHECK(*queue.get_nowait() == 2);
  });
}

TEST_CASE("priority queue: getters and putters wait as at a Queue",
          "[runtime][priority_queue]") {
  run_hub([&] {
    PriorityQueue<int> queue(1);
    const auto getter = spawn([&] { return queue.get(); });
    sleep();
    queue.put(3);
    CHECK(getter->get() == 3);
    queue.put(3);
    const auto putter = spawn([&] { queue.put(1); });
    sleep();
    CHECK(queue.get() == 3);
    putter->get();
    CHECK(queue.get() == 1);
    queue.close();
    for (const int item : queue) CHECK(item == 0);  // there is none
  });
}

TEST_CASE("priority queue: a comparison that throws changes nothing",
          "[runtime][priority_queue]") {
  run_hub([&] {
    PriorityQueue<Stubborn> queue;
    queue.put(Stubborn(2));
    Stubborn item(1);
    Stubborn::refusals = 1;
    CHECK_THROWS_AS(queue.put(std::move(item)), std::runtime_error);
    CHECK(item.number == 1);  // NOLINT: the point of it
    CHECK(queue.size() == 1);
    CHECK(queue.peek().number == 2);
  });
}

}  // namespace
}  // namespace greenroom::test
