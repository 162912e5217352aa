#include "greenroom/runtime/queue.hpp"

#include "greenroom/runtime/join.hpp"
#include "greenroom/runtime/spawn.hpp"
#include "greenroom/tests/support/dies.hpp"
#include "greenroom/tests/support/run_hub.hpp"

#include <catch2/catch.hpp>

#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;
using Log = std::vector<std::string>;

// Throws when it is moved or copied, as often as it was told to.
struct Stubborn {
  explicit Stubborn(int n) : number(n) {}
  Stubborn(const Stubborn& other) : number(other.number) { resist(); }
  Stubborn(Stubborn&& other) : number(other.number) {
    resist();
    other.number = 0;
  }
  Stubborn& operator=(const Stubborn&) = delete;
  ~Stubborn() = default;

  static void resist() {
    if (refusals > 0 && --refusals == 0) throw std::runtime_error("refused");
  }

  // It is the refusals-th move or copy from now that throws.
  inline static int refusals = 0;
  int number;
};

// Calls it when it is due, outside of any greenlet.
template <class Call>
struct Alarm : detail::Timer {
  Alarm(Duration delay, Call c)
      : Timer([](Timer& timer) noexcept { static_cast<Alarm&>(timer).call(); }),
        call(std::move(c)) {
    start(Hub::current().timers(), Hub::current().now() + delay);
  }
  Call call;
};

TEST_CASE("queue: first in, first out, without giving way",
          "[runtime][queue]") {
  Log log;

  run_hub([&] {
    Queue<int> queue;
    spawn([&] { log.push_back("other"); });
    for (int i = 0; i < 3; ++i) queue.put(i);
    CHECK(queue.size() == 3);
    for (int i = 0; i < 3; ++i) log.push_back(std::to_string(queue.get()));
    CHECK(queue.empty());
    wait();
  });

  CHECK(log == Log{"0", "1", "2", "other"});
}

TEST_CASE("queue: get() waits for an item, put() for room",
          "[runtime][queue]") {
  Log log;

  run_hub([&] {
    Queue<int> queue(1);
    spawn([&] {
      for (int i = 0; i < 3; ++i) {
        log.push_back("got " + std::to_string(queue.get()));
      }
    });
    sleep();
    for (int i = 0; i < 3; ++i) {
      queue.put(i);
      log.push_back("put " + std::to_string(i));
    }
    CHECK(queue.full());
    CHECK(queue.maxsize() == 1);
    wait();
  });

  CHECK(log == Log{"put 0", "got 0", "put 1", "got 1", "put 2", "got 2"});
}

TEST_CASE("queue: one who comes too late throws Empty or Full",
          "[runtime][queue]") {
  run_hub([&](TestHub& h) {
    Queue<int> queue(1);
    CHECK_THROWS_AS(queue.get(1s), Empty);
    CHECK_THROWS_AS(queue.peek(1s), Empty);
    CHECK_THROWS_AS(queue.get_nowait(), Empty);
    CHECK_THROWS_AS(queue.peek_nowait(), Empty);
    queue.put(1, 1s);
    CHECK_THROWS_AS(queue.put(2, 1s), Full);
    CHECK_THROWS_AS(queue.put_nowait(2), Full);
    CHECK(h.elapsed() == 3s);
    CHECK(queue.get() == 1);
    CHECK(queue.empty());
  });
}

TEST_CASE("queue: a limit of zero gives way, and looks once",
          "[runtime][queue]") {
  run_hub([&](TestHub& h) {
    Queue<int> queue(1);
    CHECK_THROWS_AS(queue.get(0s), Empty);
    spawn([&] { queue.put(1); });
    CHECK(queue.get(0s) == 1);
    queue.put(2);
    CHECK_THROWS_AS(queue.put(3, 0s), Full);
    spawn([&] { queue.get(); });
    queue.put(3, 0s);
    CHECK(queue.get() == 3);
    CHECK(h.elapsed() == 0s);
  });
}

TEST_CASE("queue: items need only be movable", "[runtime][queue]") {
  run_hub([&] {
    Queue<std::unique_ptr<int>> queue(1);
    queue.put(std::make_unique<int>(1));
    auto second = std::make_unique<int>(2);
    CHECK_THROWS_AS(queue.put(std::move(second), 1s), Full);
    CHECK_THROWS_AS(queue.put_nowait(std::move(second)), Full);
    REQUIRE(second != nullptr);  // it is still the caller's
    CHECK(*queue.peek() == 1);
    CHECK(*queue.get() == 1);
    queue.put_nowait(std::move(second));
    CHECK(*queue.get_nowait() == 2);
  });
}

TEST_CASE("queue: begins with the items it is given", "[runtime][queue]") {
  run_hub([&] {
    Queue<std::string> queue(2, {"a", "b", "c"});
    CHECK(queue.size() == 3);
    CHECK_THROWS_AS(queue.put_nowait("d"), Full);
    CHECK(queue.get() == "a");
    CHECK(queue.full());
    const std::vector<int> numbers{1, 2};
    Queue<int> copied(0, numbers);
    CHECK(copied.get() == 1);
    CHECK(copied.get() == 2);
  });
}

}  // namespace
}  // namespace greenroom::test
