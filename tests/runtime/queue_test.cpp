#include "greenroom/runtime/queue.hpp"

#include "greenroom/runtime/join.hpp"
#include "greenroom/runtime/spawn.hpp"
#include "greenroom/runtime/timeout.hpp"
#include "greenroom/tests/support/alarm.hpp"
#include "greenroom/tests/support/dies.hpp"
#include "greenroom/tests/support/run_hub.hpp"
#include "greenroom/tests/support/stubborn.hpp"

#include <catch2/catch.hpp>

#include <memory>
#include <optional>
#include <stdexcept>
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

TEST_CASE("queue: those who wait are served in the order they came",
          "[runtime][queue]") {
  Log log;

  run_hub([&] {
    Queue<int> queue(1);
    const auto get = [&](const char* name) {
      log.push_back(name + std::to_string(queue.get()));
    };
    for (const char* name : {"a", "b", "c"}) spawn(get, name);
    sleep();
    for (int i = 0; i < 3; ++i) queue.put(i);
    wait();

    queue.put(0);
    for (int i = 1; i < 4; ++i) spawn([&, i] { queue.put(i); });
    sleep();
    for (int i = 0; i < 4; ++i) get("main");
    wait();
  });

  CHECK(log == Log{"a0", "b1", "c2", "main0", "main1", "main2", "main3"});
}

TEST_CASE("queue: one who was woken in vain keeps its place",
          "[runtime][queue]") {
  Log log;

  run_hub([&] {
    Queue<int> queue(2);
    const auto get = [&](const char* name) {
      log.push_back(name + std::to_string(queue.get()));
    };
    for (const char* name : {"a", "b", "c"}) spawn(get, name);
    sleep();
    queue.put(0);
    queue.put(0);  // for a and b
    queue.get_nowait();
    queue.get_nowait();
    sleep();
    for (int i = 1; i <= 3; ++i) queue.put(i);
    wait();

    queue.put(0);
    queue.put(0);
    for (int i = 1; i <= 3; ++i) spawn([&, i] { queue.put(i); });
    sleep();
    queue.get_nowait();
    queue.get_nowait();
    queue.put_nowait(0);  // into the room that was for 1 and 2
    queue.put_nowait(0);
    sleep();
    for (int i = 0; i < 5; ++i) get("main");
    wait();
  });

  CHECK(log ==
        Log{"a1", "b2", "c3", "main0", "main0", "main1", "main2", "main3"});
}

TEST_CASE("queue: one who was woken in vain waits no longer than it said",
          "[runtime][queue]") {
  run_hub([&](TestHub& h) {
    Queue<int> queue;
    const auto late = spawn([&] {
      CHECK_THROWS_AS(queue.get(5s), Empty);
      return h.elapsed();
    });
    sleep(3s);
    queue.put(1);
    queue.get_nowait();
    CHECK(late->get() == 5s);
  });
}

TEST_CASE("queue: a kill or limit after the item came takes nothing away",
          "[runtime][queue]") {
  Log log;

  run_hub([&] {  // Trap 4
    Queue<int> queue;
    const auto get = [&](Duration limit) {
      try {
        log.push_back("got " + std::to_string(queue.get(limit)));
        sleep(1s);
        log.push_back("slept");
      } catch (const GreenletExit&) {
        log.push_back("killed");
      }
    };

    const auto killed = spawn(get, forever);
    sleep();
    queue.put(1);
    killed->kill_soon();
    killed->join();

    Alarm in_time(1s, [&] { queue.put_nowait(2); });  // before its limit
    const auto limited = spawn(get, 1s);
    limited->join();
    CHECK(queue.empty());
  });

  CHECK(log == Log{"got 1", "killed", "got 2", "slept"});
}

TEST_CASE("queue: an item that comes after the kill or limit is left",
          "[runtime][queue]") {
  Log log;

  run_hub([&] {  // Trap 4
    Queue<int> queue;
    const auto killed = spawn([&] { queue.get(), log.push_back("got"); });
    sleep();
    killed->kill_soon();
    queue.put(1);
    killed->join();
    CHECK(queue.get_nowait() == 1);

    const auto late = spawn([&] {
      try {
        queue.get(1s);
        log.push_back("got");
      } catch (const Empty&) {
        log.push_back("late");
      }
    });
    const auto next = spawn([&] { return queue.get(); });
    sleep();
    Alarm too_late(1s, [&] { queue.put_nowait(2); });  // after its limit
    late->join();
    CHECK(next->get() == 2);
  });

  CHECK(log == Log{"late"});
}

TEST_CASE("queue: a kill or limit after room was made keeps nothing out",
          "[runtime][queue]") {
  Log log;

  run_hub([&] {  // Trap 4
    Queue<int> queue(1, {0});
    const auto put = [&](int item, Duration limit) {
      try {
        queue.put(item, limit);
        log.push_back("put");
        sleep(1s);
        log.push_back("slept");
      } catch (const GreenletExit&) {
        log.push_back("killed");
      }
    };

    const auto killed = spawn(put, 1, forever);
    sleep();
    queue.get_nowait();
    killed->kill_soon();
    killed->join();
    CHECK(queue.peek() == 1);

    Alarm in_time(1s, [&] { queue.get_nowait(); });  // before its limit
    const auto limited = spawn(put, 2, 1s);
    limited->join();
    CHECK(queue.get() == 2);
  });

  CHECK(log == Log{"put", "killed", "put", "slept"});
}

TEST_CASE("queue: room that is made after the kill or limit goes to the next",
          "[runtime][queue]") {
  Log log;

  run_hub([&] {  // Trap 4
    Queue<int> queue(1, {0});
    const auto killed = spawn([&] { queue.put(1), log.push_back("put"); });
    const auto late = spawn([&] {
      try {
        queue.put(2, 1s);
        log.push_back("put");
      } catch (const Full&) {
        log.push_back("late");
      }
    });
    const auto next = spawn([&] { queue.put(3); });
    sleep();
    Alarm too_late(1s, [&] {  // after the limit
      killed->kill_soon();
      queue.get_nowait();
    });
    joinall({killed, late, next});
    CHECK(queue.get() == 3);
    CHECK(queue.empty());
  });

  CHECK(log == Log{"late"});
}

TEST_CASE("queue: a Timeout that fires once the item is there comes later",
          "[runtime][queue]") {
  Log log;

  run_hub([&] {  // Trap 4
    Queue<int> queue;
    Alarm in_time(1s, [&] { queue.put_nowait(1); });
    const Timeout limit = Timeout::start_new(1s);
    try {
      log.push_back("got " + std::to_string(queue.get()));
      queue.get();
    } catch (const TimeoutError& e) {
      log.push_back(e.is(limit) ? "late" : "foreign");
    }
  });

  CHECK(log == Log{"got 1", "late"});
}

TEST_CASE("queue: an item that cannot be moved stays where it is",
          "[runtime][queue]") {
  const auto refuse = [](auto call) {
    Stubborn::refusals = 1;
    CHECK_THROWS_AS(call(), std::runtime_error);
    CHECK(Stubborn::refusals == 0);
  };

  run_hub([&] {
    Queue<Stubborn> queue(1);
    Stubborn first(1);
    refuse([&] { queue.put(first); });
    refuse([&] { queue.put(std::move(first)); });
    refuse([&] { queue.put_nowait(std::move(first)); });
    CHECK(queue.empty());
    CHECK(first.number == 1);
    queue.put(std::move(first));
    CHECK(first.number == 0);  // NOLINT: the point of it

    refuse([&] { queue.get(); });
    refuse([&] { queue.get_nowait(); });
    CHECK(queue.size() == 1);
    CHECK(queue.get().number == 1);
  });
}

TEST_CASE("queue: what one fails to take or put falls to the next in line",
          "[runtime][queue]") {
  Log log;

  run_hub([&] {
    Queue<Stubborn> queue(1);
    const auto get = [&](const char* name) {
      try {
        log.push_back(name + std::to_string(queue.get().number));
      } catch (const std::runtime_error& e) {
        log.push_back(name + std::string(e.what()));
      }
    };
    spawn(get, "a ");
    spawn(get, "b ");
    sleep();
    queue.put(Stubborn(1));
    Stubborn::refusals = 1;  // a's
    wait();

    const auto put = [&](int number) {
      const Stubborn item(number);
      try {
        queue.put(item);
      } catch (const std::runtime_error& e) {
        log.push_back(std::to_string(number) + " " + e.what());
      }
    };
    queue.put(Stubborn(1));
    spawn(put, 2);
    spawn(put, 3);
    sleep();
    queue.get();
    Stubborn::refusals = 1;  // 2's
    wait();
    CHECK(queue.get().number == 3);
  });

  CHECK(log == Log{"a refused", "b 1", "2 refused"});
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
