#include "../../support/catch2.hpp"
#include "../../support/dies.hpp"
#include "../../support/run_hub.hpp"

#include <greenroom/runtime/sync/queue.hpp>
#include <greenroom/runtime/tasks/join.hpp>
#include <greenroom/runtime/tasks/spawn.hpp>

#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;
using Log = std::vector<std::string>;

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

TEST_CASE("queue: get() and put() that wait too long throw Empty or Full",
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

TEST_CASE("queue: peek() waits for an item and leaves it", "[runtime][queue]") {
  Log log;

  run_hub([&] {
    Queue<int> queue;
    spawn([&] { log.push_back("peeked " + std::to_string(queue.peek())); });
    spawn([&] { log.push_back("got " + std::to_string(queue.get())); });
    sleep();
    queue.put(1);
    wait();
    CHECK(queue.empty());
  });

  CHECK(log == Log{"peeked 1", "got 1"});
}

TEST_CASE("queue: after close() nothing is put, and get() ends when empty",
          "[runtime][queue]") {
  run_hub([&] {
    Queue<int> queue(0, {1, 2});
    CHECK_FALSE(queue.is_closed());
    queue.close();
    queue.close();
    CHECK(queue.is_closed());
    CHECK_THROWS_AS(queue.put(3), Closed);
    CHECK_THROWS_AS(queue.put_nowait(3), Closed);
    CHECK(queue.peek() == 1);
    CHECK(queue.get() == 1);
    CHECK(queue.get_nowait() == 2);
    CHECK_THROWS_AS(queue.get(), Closed);
    CHECK_THROWS_AS(queue.get_nowait(), Closed);
    CHECK_THROWS_AS(queue.peek(1s), Closed);
    CHECK_THROWS_AS(queue.peek_nowait(), Closed);
  });
}

TEST_CASE("queue: close() wakes those who wait", "[runtime][queue]") {
  run_hub([&](TestHub& h) {
    Queue<int> empty;
    Queue<int> full(1, {1});
    const auto getter = spawn([&] { empty.get(); });
    const auto peeker = spawn([&] { empty.peek(5s); });
    const auto putter = spawn([&] { full.put(2); });
    const auto late = spawn([&] { full.put(3, 5s); });
    sleep();
    empty.close();
    full.close();
    CHECK_THROWS_AS(getter->get(), Closed);
    CHECK_THROWS_AS(peeker->get(), Closed);
    CHECK_THROWS_AS(putter->get(), Closed);
    CHECK_THROWS_AS(late->get(), Closed);
    CHECK(h.elapsed() == 0s);
    CHECK(full.size() == 1);
  });
}

TEST_CASE("queue: one who was woken for an item gets it in spite of close()",
          "[runtime][queue]") {
  run_hub([&] {
    Queue<int> queue;
    const auto served = spawn([&] { return queue.get(); });
    const auto waits = spawn([&] { return queue.get(); });
    sleep();
    queue.put(1);
    queue.close();
    CHECK(served->get() == 1);
    CHECK_THROWS_AS(waits->get(), Closed);
  });
}

TEST_CASE("queue: iteration gets items until the queue is closed",
          "[runtime][queue]") {
  Log log;

  run_hub([&] {
    Queue<std::unique_ptr<int>> queue;
    spawn([&] {
      for (int i = 0; i < 3; ++i) {
        queue.put(std::make_unique<int>(i));
        sleep(1s);
      }
      queue.close();
    });
    for (auto item : queue) log.push_back(std::to_string(*item));
    log.push_back("end");
  });

  CHECK(log == Log{"0", "1", "2", "end"});
}

TEST_CASE("queue: leaving an iteration takes no item along",
          "[runtime][queue]") {
  run_hub([&] {
    Queue<int> queue(0, {1, 2, 3});
    for (const int item : queue)
      if (item == 2) break;
    CHECK(queue.get() == 3);
  });
}

TEST_CASE("queue: clear() drops the items and makes room", "[runtime][queue]") {
  run_hub([&] {
    Queue<int> queue(2, {1, 2});
    const auto a = spawn([&] { queue.put(3); });
    const auto b = spawn([&] { queue.put(4); });
    sleep();
    CHECK(queue.clear() == 2);
    CHECK(queue.empty());
    joinall({a, b});
    CHECK(queue.get() == 3);
    CHECK(queue.get() == 4);
    CHECK(queue.clear() == 0);
  });
}

TEST_CASE("queue: can be waited for together with other things",
          "[runtime][queue]") {
  run_hub([&] {
    Queue<int> queue;
    Queue<int> other;
    CHECK(wait({&queue, &other}, 1s).empty());
    CHECK_FALSE(queue.ready());
    const auto getter = spawn([&] { return queue.get(); });
    spawn_later(1s, [&] { queue.put(1), queue.put(2); });
    CHECK(wait({&queue, &other}, 5s, 1) == std::vector<Waitable*>{&queue});
    CHECK(getter->get() == 1);
    CHECK(queue.ready());
    CHECK(queue.get() == 2);
    other.close();
    CHECK(wait({&other}).size() == 1);
  });
}

TEST_CASE("queue: when it is destroyed nobody waits for it any more",
          "[runtime][queue]") {
  run_hub([&] {
    std::optional<Queue<int>> queue(std::in_place, 1);
    const auto late = spawn([&] { queue->get(1s); });
    const auto endless = spawn([&] { queue->get(); });
    sleep();
    queue.reset();
    CHECK_THROWS_AS(late->get(), Empty);
    CHECK_FALSE(endless->join(1s));
    CHECK(endless->kill());
  });
}

TEST_CASE("queue: callbacks of the hub may not wait there",
          "[runtime][queue]") {
  Log log;

  run_hub([&] {
    Queue<int> queue(1);
    Hub::current().post([&] {
      try {
        queue.get();
      } catch (const BlockingSwitchOutError&) {
        log.push_back("refused to get");
      }
      queue.put(1);
      try {
        queue.put(2);
      } catch (const BlockingSwitchOutError&) {
        log.push_back("refused to put");
      }
      log.push_back(std::to_string(queue.get()));
    });
    wait();
  });

  CHECK(log == Log{"refused to get", "refused to put", "1"});
}

TEST_CASE("queue: a deadlock says what is waited for", "[runtime][queue]") {
  std::string report;

  run_hub([&] {
    Queue<int> queue;
    try {
      queue.get();
    } catch (const LoopExit& e) {
      report = e.what();
    }
  });

  CHECK(report.find("an item") != std::string::npos);
}

TEST_CASE("queue: use from another thread aborts with a sentence",
          "[runtime][queue]") {
  const auto misuse = [](auto call) {
    return death_of([&] {
      run_hub([&] {
        Queue<int> queue;
        std::thread([&] { call(queue); }).join();
      });
    });
  };

  const Death put = misuse([](Queue<int>& queue) { queue.put(1); });
  CHECK(put.signal == SIGABRT);
  CHECK(put.message.find("Queue::put called from a thread without a hub") !=
        std::string::npos);
  CHECK(misuse([](Queue<int>& q) { q.get(); }).signal == SIGABRT);
  CHECK(misuse([](Queue<int>& q) { q.put_nowait(1); }).signal == SIGABRT);
  CHECK(misuse([](Queue<int>& q) { q.get_nowait(); }).signal == SIGABRT);
  CHECK(misuse([](Queue<int>& q) { q.peek(); }).signal == SIGABRT);
  CHECK(misuse([](Queue<int>& q) { q.close(); }).signal == SIGABRT);
  CHECK(misuse([](Queue<int>& q) { q.clear(); }).signal == SIGABRT);
}

}  // namespace
}  // namespace greenroom::test
