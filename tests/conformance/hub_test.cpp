// gevent's hub and scheduling, number by number: conformance/README.md.

#include "greenroom/runtime/hub.hpp"

#include "greenroom/tests/support/dies.hpp"
#include "greenroom/tests/support/run_hub.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;
using Log = std::vector<std::string>;

// Says into a log that it was destroyed.
struct Guard {
  ~Guard() { log.push_back(text); }
  Log& log;
  std::string text;
};

// Time passes by being looked at, and when a test says so.
class LookedAtClock final : public Clock {
 public:
  explicit LookedAtClock(Duration step) : step_(step) {}

  [[nodiscard]] TimePoint now() noexcept override {
    ++looks;
    return now_ += step_;
  }
  [[nodiscard]] bool skip_to(TimePoint due) noexcept override {
    now_ = std::max(now_, due);
    return true;
  }
  void pass(Duration time) { now_ += time; }

  int looks = 0;

 private:
  const Duration step_;
  TimePoint now_{};
};

TEST_CASE("gevent 1: spawn() never runs the function at once",
          "[conformance][hub]") {
  Log log;

  run_hub([&] {
    spawn([&] { log.push_back("spawned"); });
    log.push_back("spawner");
    sleep();
    log.push_back("switched");
  });

  CHECK(log == Log{"spawner", "spawned", "switched"});
}

// order.TestSleep0.test
TEST_CASE("gevent 2: greenlets start, and sleep(0) returns, in FIFO order",
          "[conformance][hub]") {
  Log log;

  run_hub([&] {
    const auto twice = [&](std::string name) {
      log.push_back(name + "A");
      sleep();
      log.push_back(name + "B");
    };
    joinall({spawn(twice, "1"), spawn(twice, "2")});
  });

  CHECK(log == Log{"1A", "2A", "1B", "2B"});
}

TEST_CASE("gevent 3: a child queues behind what is ready, before any I/O",
          "[conformance][hub]") {
  Log log;

  run_hub([&] {
    Hub& hub = Hub::current();
    hub.add_io_user();
    boost::asio::post(hub.io_context(), [&] { log.push_back("I/O"); });
    spawn([&] {
      spawn([&] { log.push_back("child"); });
      log.push_back("parent");
    });
    spawn([&] { log.push_back("sibling"); });
    sleep(1s);
    hub.remove_io_user();
  });

  CHECK(log == Log{"parent", "sibling", "child", "I/O"});
}

// api.TestTimers.test_spawn_is_not_cancelled
TEST_CASE("gevent 4: a child lives on when its spawner returns at once",
          "[conformance][hub]") {
  Log log;

  run_hub([&] {
    spawn([&] { spawn([&] { log.push_back("child"); }); });
    wait();
  });

  CHECK(log == Log{"child"});
}

// sleep0 (a module of gevent's tests)
TEST_CASE("gevent 5: one that spins in sleep(0) does not starve timers",
          "[conformance][hub]") {
  bool awake = false;
  int spins = 0;
  LookedAtClock clock(1ms);

  {
    const Hub hub({.clock = &clock});
    const auto sleeper = spawn([&] { sleep(20ms), awake = true; });
    while (!awake && spins < 100'000) ++spins, sleep();
    sleeper->join();
  }

  CHECK(awake);
  // The clock is looked at after so many turns, not before each.
  CHECK(spins > 100);
  CHECK(spins < 10'000);
}

TEST_CASE("gevent 6: a negative sleep gives way like sleep(0)",
          "[conformance][hub]") {
  Log log;

  run_hub([&](TestHub& h) {
    spawn([&] { log.push_back("other"); });
    sleep(-5s);
    log.push_back("main");
    CHECK(h.elapsed() == 0s);
  });

  CHECK(log == Log{"other", "main"});
}

// api_timeout.Test.test_sleep_calls_update_now
TEST_CASE("gevent 7: sleep() counts from now, and looks at the clock once",
          "[conformance][hub]") {
  LookedAtClock clock(0s);
  int looks = 0;

  const Hub hub({.clock = &clock});
  const auto other = spawn([&] { looks = clock.looks; });
  clock.pass(10s);  // a long computation
  clock.looks = 0;
  sleep(1s);

  CHECK(looks == 1);
  CHECK(clock.now() == TimePoint() + 11s);
}

TEST_CASE("gevent 8: sleeps end by deadline, equal ones in order of starting",
          "[conformance][hub]") {
  Log log;

  run_hub([&] {
    const auto sleeper = [&](const char* name, Duration time) {
      return spawn([&log, name, time] { sleep(time), log.push_back(name); });
    };
    joinall({sleeper("c", 2s), sleeper("a", 1s), sleeper("b", 1s)});
  });

  CHECK(log == Log{"a", "b", "c"});
}

TEST_CASE("gevent 9: due together: what is ready, then timers, then I/O",
          "[conformance][hub]") {
  Log log;

  run_hub([&] {
    Hub& hub = Hub::current();
    hub.add_io_user();
    boost::asio::post(hub.io_context(),
                      [&] { spawn([&] { log.push_back("I/O"); }); });
    spawn_later(0s, [&] { log.push_back("timer"); });
    spawn([&] { log.push_back("ready"); });
    sleep(1s);
    hub.remove_io_user();
  });

  CHECK(log == Log{"ready", "timer", "I/O"});
}

TEST_CASE("gevent 10: a wait that ends with its Timeout wins, each time",
          "[conformance][hub]") {
  int completed = 0;

  run_hub([&] {
    for (int i = 0; i < 40; ++i)
      if (within(5ms, [] { sleep(5ms); })) ++completed;
  });

  CHECK(completed == 40);
}

TEST_CASE("gevent 11: idle() comes back when all that is ready has run",
          "[conformance][hub]") {
  Log log;

  run_hub([&] {
    spawn([&] {
      sleep();
      spawn([&] { log.push_back("child"); });
    });
    idle();
    log.push_back("idle");
  });

  CHECK(log == Log{"child", "idle"});
}

// core_callback.Test.test, loop_callback.Test.test
TEST_CASE(
    "gevent 12: posted calls run in FIFO order; a spawned one can be "
    "stopped before it runs",
    "[conformance][hub]") {
  Log log;

  run_hub([&] {
    Hub& hub = Hub::current();
    hub.post([&] { log.push_back("first"); });
    hub.post([&] { log.push_back("second"); });
    // Unlike gevent, there is no handle to a posted call: what may have to be
    // taken back is spawned.
    const auto callback = spawn([&] { log.push_back("never"); });
    CHECK(callback->started());
    callback->kill_soon();
    CHECK_FALSE(callback->started());
    sleep(1s);
  });

  CHECK(log == Log{"first", "second"});
}

// hub.TestExceptionInMainloop.test_sleep, systemerror.TestCallback
TEST_CASE("gevent 13: an error in a callback is printed, sleepers sleep on",
          "[conformance][hub]") {
  const Death death = death_of([] {
    run_hub(
        [](TestHub& h) {
          Hub::current().post([] { throw std::runtime_error("callback"); });
          sleep(1s);
          if (h.elapsed() != 1s) std::abort();
        },
        {.name = "stage"});
  });

  CHECK(death.signal == 0);
  CHECK(death.message ==
        "greenroom: a call posted to stage failed with std::runtime_error: "
        "callback\n");
}

// systemerror.TestSpawn.test_sys_exit, .test_keyboard_interrupt,
// .test_system_error
TEST_CASE(
    "gevent 14, 15: an error for the whole program is sent to the main "
    "greenlet, and kept",
    "[conformance][hub]") {
  struct SystemExit : std::runtime_error {
    using std::runtime_error::runtime_error;
  };

  run_hub([&] {
    // Unlike gevent, no type of exception goes there by itself.
    const auto g = spawn([] {
      try {
        throw SystemExit("enough");
      } catch (const SystemExit&) {
        Hub::current().main().kill_soon(std::current_exception());
        throw;
      }
    });
    CHECK_THROWS_AS(Event().wait(), SystemExit);
    CHECK_THROWS_AS(g->get(), SystemExit);
  });

  // What SystemExit is for, std::exit() does.
  const Death death = death_of([] {
    spawn([] { std::exit(3); })->join();
    std::abort();
  });
  CHECK(death.signal == 0);
  CHECK(death.status == 3);
}

// hub.TestHandleError.test_exception_in_custom_handle_error_does_not_crash
TEST_CASE("gevent 16: a handle_error that throws does no harm",
          "[conformance][hub]") {
  const Death death = death_of([] {
    run_hub(
        [] {
          spawn({.name = "extra"}, [] { throw std::runtime_error("other"); });
          sleep();
          if (spawn([] { return 5; })->get() != 5) std::abort();
        },
        {.name = "stage",
         .handle_error = [](const std::string&, const std::exception_ptr&) {
           throw std::logic_error("bad handler");
         }});
  });

  CHECK(death.signal == 0);
  CHECK(death.message ==
        "greenroom: extra failed with std::runtime_error: other\n"
        "greenroom: handle_error of stage failed with std::logic_error: bad "
        "handler\n");
}

// greenlet.TestBasic.test_recursion_error
TEST_CASE("gevent 17: handle_error is told of each failure, once",
          "[conformance][hub]") {
  Log log;
  std::exception_ptr told;
  const auto error = std::make_exception_ptr(std::runtime_error("boom"));

  run_hub(
      [&] {
        spawn({.name = "unheard"}, [&] { std::rethrow_exception(error); });
        // Unlike gevent, not of those that somebody looks at.
        const auto g = spawn([] { throw std::runtime_error("looked at"); });
        CHECK_THROWS_WITH(g->get(), "looked at");
      },
      {.handle_error = [&](const std::string& who,
                           const std::exception_ptr& what) {
        log.push_back(who);
        told = what;
      }});

  CHECK(log == Log{"unheard"});
  CHECK(told == error);
}

TEST_CASE("gevent 18: a handle_error that does nothing silences reports",
          "[conformance][hub]") {
  const Death death = death_of([] {
    run_hub(
        [] {
          spawn([] { throw std::runtime_error("boom"); });
          Hub::current().post([] { throw std::runtime_error("boom"); });
          sleep(1s);
        },
        {.handle_error = [](const std::string&, const std::exception_ptr&) {}});
  });

  CHECK(death.signal == 0);
  CHECK(death.message.empty());
}

TEST_CASE("gevent 19: a report says who failed with what",
          "[conformance][hub]") {
  const Death death = death_of([] {
    run_hub([] {
      spawn({.name = "win"}, [] { throw std::out_of_range("You fail"); });
      sleep();
    });
  });

  // Unlike gevent, one line, without traceback and time.
  CHECK(death.message ==
        "greenroom: win failed with std::out_of_range: You fail\n");
}

// semaphore.TestSemaphoreFair.test_fair_or_hangs
TEST_CASE(
    "gevent 20, 21, 23: a deadlock is told to the main greenlet only, as "
    "an ordinary exception",
    "[conformance][hub]") {
  std::string text;

  run_hub([&] {
    Event never;
    const auto other = spawn({.name = "other"}, [&] { never.wait(); });
    try {
      never.wait();
    } catch (const std::exception& e) {
      text = e.what();
    }
    CHECK_FALSE(other->dead());
  });

  CHECK(text.find("this would wait for ever") == 0);
  // Unlike gevent, it says who else waits, and for what.
  CHECK(text.find("other waits for an event") != std::string::npos);
}

// hub_join.TestJoin.test_join_many_times
TEST_CASE(
    "gevent 22, 27: after a LoopExit the hub goes on; wait() works as "
    "often as one likes, in the main greenlet",
    "[conformance][hub]") {
  run_hub([&](TestHub& h) {
    for (int i = 0; i < 3; ++i) {
      CHECK_THROWS_AS(Event().wait(), LoopExit);
      CHECK(wait());
    }
    sleep(1s);
    CHECK(h.elapsed() == 1s);
    CHECK_THROWS_AS(spawn([] { wait(); })->get(), std::logic_error);
  });
}

// hub_join_timeout.Test.test_callback, .test_later, .test_timeout
TEST_CASE("gevent 25: wait() without objects says whether nothing is left",
          "[conformance][hub]") {
  run_hub([&](TestHub& h) {
    const auto g = spawn_later(3s, [] {});
    CHECK_FALSE(wait(1s));
    CHECK(h.elapsed() == 1s);
    CHECK(wait());
    CHECK(h.elapsed() == 3s);
    CHECK(g->dead());
  });
}

// server.TestNoneSpawn.test_assertion_in_blocking_func
TEST_CASE("gevent 28: a callback of the hub must not wait, but may do all else",
          "[conformance][hub]") {
  Log log;

  run_hub([&] {
    Event event;
    Hub::current().post([&] {
      try {
        sleep(1s);
      } catch (const BlockingSwitchOutError&) {
        log.push_back("refused");
      }
      spawn([&] { log.push_back("spawned"); });
      event.set();
    });
    event.wait();
    sleep();
  });

  CHECK(log == Log{"refused", "spawned"});
}

// hub.TestWaiter.test
TEST_CASE("gevent 29: what comes before the wait is kept for it",
          "[conformance][hub]") {
  run_hub([&](TestHub& h) {
    AsyncResult<int> value;
    value.set(25);
    CHECK(value.get() == 25);
    AsyncResult<int> error;
    error.set_exception(std::make_exception_ptr(std::out_of_range("row")));
    CHECK_THROWS_AS(error.get(), std::out_of_range);

    // Unlike gevent's Waiter, several may wait for one.
    AsyncResult<int> later;
    const auto a = spawn([&] { return later.get(); });
    const auto b = spawn([&] { return later.get(); });
    spawn_later(1s, [&] { later.set(5); });
    CHECK(a->get() + b->get() == 10);
    CHECK(h.elapsed() == 1s);
  });
}

// core_async.Test.test
TEST_CASE(
    "gevent 31: a post from another thread wakes the hub; that one might "
    "come prevents no LoopExit for ever",
    "[conformance][hub]") {
  run_hub([&] {
    Hub& hub = Hub::current();
    Event event;
    std::thread other([&] { hub.post([&] { event.set(); }); });
    CHECK(event.wait());
    other.join();

    // Unlike gevent, as long as other threads live a post may come. They have
    // ended.
    event.clear();
    CHECK_THROWS_AS(event.wait(), LoopExit);
  });
}

// destroy.TestDestroyHub.test_destroy_hub
TEST_CASE(
    "gevent 32: after the end of a hub comes a new one that works, on "
    "the same loop if one likes",
    "[conformance][hub]") {
  boost::asio::io_context loop;
  for (int i = 0; i < 2; ++i) {
    VirtualClock clock;
    const Hub hub({.clock = &clock, .io_context = &loop});
    CHECK(spawn([] { return sleep(1s), 5; })->get() == 5);
  }
  CHECK(Hub::find() == nullptr);
}

// hub_join.TestJoin.test_join_in_new_thread_doesnt_leak_hub_or_greenlet
TEST_CASE("gevent 33: a thread has a hub of its own, which leaks nothing",
          "[conformance][hub]") {
  const auto held = std::make_shared<int>();
  bool is_other = false;

  run_hub([&] {
    const Hub* ours = &Hub::current();
    std::thread([&] {
      spawn([held] { sleep(forever); });
      spawn([held] { sleep(1us); });
      sleep();
      is_other = &Hub::current() != ours;
    }).join();
  });

  CHECK(is_other);
  CHECK(held.use_count() == 1);
}

TEST_CASE("gevent 34: what lives when main returns is unwound",
          "[conformance][hub]") {
  Log log;

  {
    VirtualClock clock;
    const Hub hub({.clock = &clock});
    spawn([&] {
      const Guard guard{log, "unwound"};
      sleep(1s);
      log.push_back("never");
    });
    sleep();
    log.push_back("main returns");
  }

  // Unlike gevent, where it is abandoned.
  CHECK(log == Log{"main returns", "unwound"});
}

TEST_CASE(
    "gevent 35: without a handle a greenlet runs on; one that waits for "
    "what is gone stays",
    "[conformance][hub]") {
  Log log;

  run_hub([&] {
    spawn([&] {
      const Guard guard{log, "collected with the hub"};
      auto event = std::make_unique<Event>();
      spawn([&] { event.reset(); });
      event->wait();
    });
    spawn([&] { sleep(1s), log.push_back("runs on"); });
    sleep(2s);
    log.push_back("main returns");
  });

  CHECK(log == Log{"runs on", "main returns", "collected with the hub"});
}

TEST_CASE("gevent 30: only what it waits for makes a greenlet go on",
          "[conformance][hub]") {
  Log log;
  run_hub([&] {  // api.Test.test_sleep_invalid_switch
    const auto sleeper = make_raw([&] {
      sleep(1s);
      log.push_back("slept");
    });
    sleeper->start();
    sleep();
    try {
      sleeper->switch_to();
    } catch (const InvalidSwitchError&) {
      log.push_back("refused");
    }
    sleeper->join();
  });

  CHECK(log == Log{"refused", "slept"});
}

}  // namespace
}  // namespace greenroom::test
