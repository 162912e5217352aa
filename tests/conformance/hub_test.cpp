// gevent's hub, number by number: conformance/README.md.

#include "../support/catch2.hpp"
#include "../support/dies.hpp"
#include "../support/guard.hpp"
#include "../support/run_hub.hpp"

#include <greenroom/runtime/core/hub.hpp>

#include <boost/asio/io_context.hpp>

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

// hub.TestExceptionInMainloop.test_sleep, systemerror.TestCallback
TEST_CASE("gevent 13: an error in a callback is printed, and sleepers sleep on",
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
    "greenlet, and kept in its own",
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

  // std::exit() does what SystemExit is for.
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
TEST_CASE("gevent 17: handle_error is called once for each failure",
          "[conformance][hub]") {
  Log log;
  std::exception_ptr told;
  const auto error = std::make_exception_ptr(std::runtime_error("boom"));

  run_hub(
      [&] {
        spawn({.name = "unheard"}, [&] { std::rethrow_exception(error); });
        // Unlike gevent, not for failures that somebody looks at.
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
    "gevent 20, 21, 23: a deadlock is reported to the main greenlet only, as "
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
    "gevent 22, 27: after a LoopExit the hub goes on, the main greenlet may "
    "call wait() as often as it likes",
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
TEST_CASE(
    "gevent 28: a callback of the hub must not wait, but may do anything else",
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
TEST_CASE("gevent 29: a value that comes before the wait is kept for it",
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
    "gevent 31: a post from another thread wakes the hub, a post that might "
    "come does not prevent LoopExit for ever",
    "[conformance][hub]") {
  run_hub([&] {
    Hub& hub = Hub::current();
    Event event;
    std::thread other([&] { hub.post([&] { event.set(); }); });
    CHECK(event.wait());
    other.join();

    // Unlike gevent, a post may come as long as other threads live. They have
    // ended.
    event.clear();
    CHECK_THROWS_AS(event.wait(), LoopExit);
  });
}

// destroy.TestDestroyHub.test_destroy_hub
TEST_CASE(
    "gevent 32: after a hub has ended a new one works, also on the same loop",
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

TEST_CASE("gevent 34: greenlets that live when main returns are unwound",
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
    "gevent 35: a greenlet without a handle runs on, one that waits for "
    "something that is gone stays",
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
