// Those that wait at a Queue: in which order they are served, and what a kill,
// a limit or an item that cannot be moved leaves to the next.

#include "../../support/alarm.hpp"
#include "../../support/catch2.hpp"
#include "../../support/run_hub.hpp"
#include "../../support/stubborn.hpp"

#include <greenroom/runtime/sync/queue.hpp>
#include <greenroom/runtime/tasks/join.hpp>
#include <greenroom/runtime/tasks/spawn.hpp>
#include <greenroom/runtime/tasks/timeout.hpp>

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;
using Log = std::vector<std::string>;

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

}  // namespace
}  // namespace greenroom::test
