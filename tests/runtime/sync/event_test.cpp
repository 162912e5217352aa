#include "../../support/catch2.hpp"
#include "../../support/dies.hpp"
#include "../../support/run_hub.hpp"

#include <greenroom/runtime/sync/event.hpp>

#include <optional>
#include <string>
#include <thread>
#include <vector>

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

TEST_CASE("event: wait() says whether it was set in time", "[runtime][event]") {
  std::vector<bool> set_in_time;

  run_hub([&](TestHub& h) {  // gevent 133, test__event.TestEventWait
    Event event;
    set_in_time.push_back(event.wait(1s));
    set_in_time.push_back(event.wait(0s));
    CHECK(h.elapsed() == 1s);
    spawn_later(1s, [&] { event.set(); });
    set_in_time.push_back(event.wait(5s));
    CHECK(h.elapsed() == 2s);
  });

  CHECK(set_in_time == std::vector<bool>{false, false, true});
}

TEST_CASE("event: wait() does not give way if it is set", "[runtime][event]") {
  std::vector<std::string> log;

  run_hub([&] {  // gevent 134
    Event event;
    event.set();
    CHECK(event.is_set());
    CHECK(event.ready());
    spawn([&] { log.push_back("other"); });
    event.wait();
    event.wait();
    log.push_back("waiter");
  });

  CHECK(log == std::vector<std::string>{"waiter", "other"});
}

TEST_CASE("event: waiters wake even if it is cleared before they run",
          "[runtime][event]") {
  int woken = 0;

  run_hub([&] {  // gevent 136, test__event.TestEvent_SetThenClear1000
    Event event;
    std::vector<GreenletPtr> waiters;
    for (int i = 0; i < 1000; ++i)
      waiters.push_back(spawn([&] { woken += event.wait(1s) ? 1 : 0; }));
    sleep();
    event.set();
    event.clear();
    CHECK_FALSE(event.is_set());
    joinall(waiters);
  });

  CHECK(woken == 1000);
}

TEST_CASE("event: one that finds it set while others are woken comes after",
          "[runtime][event]") {
  std::vector<std::string> log;

  run_hub([&] {
    // gevent 137, test__event.TestEventBasics.test_wait_while_notifying
    Event event;
    const auto wait_for = [&](const char* name) {
      event.wait();
      log.push_back(name);
    };
    const auto a = spawn(wait_for, "a");
    const auto b = spawn(wait_for, "b");
    sleep();
    event.set();
    wait_for("setter");
    wait_for("setter, again");
    joinall({a, b});
  });

  CHECK(log == std::vector<std::string>{"a", "b", "setter", "setter, again"});
}

TEST_CASE("event: one that clears it and waits again is not woken twice",
          "[runtime][event]") {
  std::vector<std::string> log;

  run_hub([&] {  // gevent 138, test__event.TestGeventWaitOnEvent
    Event event;
    const auto g = spawn([&] {
      event.wait();
      event.clear();
      log.push_back("once");
      log.push_back(event.wait(1s) ? "twice" : "not again");
    });
    sleep();
    event.set();
    event.set();
    g->join();
  });

  CHECK(log == std::vector<std::string>{"once", "not again"});
}

TEST_CASE("event: set() queues the waiters as spawn() would",
          "[runtime][event]") {
  std::vector<std::string> log;

  run_hub([&] {  // gevent 139
    Event event;
    spawn([&] { event.wait(), log.push_back("waiter"); });
    sleep();
    spawn([&] { log.push_back("before"); });
    event.set();
    spawn([&] { log.push_back("after"); });
    sleep();
  });

  CHECK(log == std::vector<std::string>{"before", "waiter", "after"});
}

TEST_CASE("event: a killed or late waiter waits no longer",
          "[runtime][event]") {
  std::vector<std::string> log;

  run_hub([&] {  // gevent 141
    Event event;
    const auto killed = spawn([&] { event.wait(), log.push_back("killed"); });
    const auto late = spawn([&] {
      if (!event.wait(1s)) log.push_back("late");
    });
    const auto patient = spawn([&] { event.wait(), log.push_back("patient"); });
    sleep();
    killed->kill();
    sleep(2s);
    event.set();
    joinall({killed, late, patient});
  });

  CHECK(log == std::vector<std::string>{"late", "patient"});
}

TEST_CASE("event: when it is destroyed nobody waits for it any more",
          "[runtime][event]") {
  run_hub([&] {
    std::optional<Event> event(std::in_place);
    const auto timed = spawn([&] { return event->wait(1s); });
    const auto endless = spawn([&] { return event->wait(); });
    sleep();
    event.reset();
    CHECK_FALSE(timed->get());
    CHECK_FALSE(endless->join(1s));
    CHECK(endless->kill());
  });
}

TEST_CASE("event: set() in a callback of the hub wakes waiters",
          "[runtime][event]") {
  run_hub([&] {  // gevent 28
    Event event;
    Hub::current().post([&] { event.set(); });
    CHECK(event.wait(1s));
  });
}

TEST_CASE("event: set by post() from another thread wakes the hub",
          "[runtime][event]") {
  run_hub([&] {  // gevent 142, which does it without the post
    Event event;
    Hub& hub = Hub::current();
    std::thread other([&] { hub.post([&] { event.set(); }); });
    CHECK(event.wait());
    other.join();
  });
}

TEST_CASE("event: use from another thread aborts with a sentence",
          "[runtime][event]") {
  const auto misuse = [](auto call) {
    return death_of([&] {
      run_hub([&] {
        Event event;
        std::thread([&] { call(event); }).join();
      });
    });
  };

  const Death set = misuse([](Event& event) { event.set(); });
  CHECK(set.signal == SIGABRT);
  CHECK(set.message.find("Event::set called from a thread without a hub") !=
        std::string::npos);
  CHECK(misuse([](Event& event) { event.clear(); }).signal == SIGABRT);
  CHECK(misuse([](Event& event) { event.wait(); }).signal == SIGABRT);
}

}  // namespace
}  // namespace greenroom::test
