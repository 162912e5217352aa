#include "greenroom/runtime/hub.hpp"

#include "greenroom/runtime/errors.hpp"
#include "greenroom/tests/support/dies.hpp"
#include "greenroom/tests/support/run_hub.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <catch2/catch.hpp>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;
using Log = std::vector<std::string>;

TEST_CASE("hub: one a thread, a second one is refused", "[runtime][hub]") {
  CHECK(Hub::find() == nullptr);
  run_hub(
      [] {
        CHECK(Hub::find() == &Hub::current());
        CHECK(Hub::current().name() == "stage");
        CHECK_THROWS_WITH(Hub(), "this thread has a hub already: stage");
      },
      {.name = "stage"});
  CHECK(Hub::find() == nullptr);
}

TEST_CASE("hub: is named after its number, which is used again",
          "[runtime][hub]") {
  HubId first{};
  std::optional<Hub> hub(std::in_place);
  first = hub->id();
  CHECK(hub->name() == "hub" + std::to_string(first));

  HubId second{};
  std::thread([&] {
    const Hub other;
    second = other.id();
  }).join();
  CHECK(second != first);

  hub.reset();
  hub.emplace();
  CHECK(hub->id() == first);
}

TEST_CASE("hub: in one pass: what was ready, posts, timers, then I/O",
          "[runtime][hub]") {
  Log log;

  run_hub([&] {  // gevent 9
    Hub& hub = Hub::current();
    hub.add_io_user();
    boost::asio::post(hub.io_context(), [&] { log.push_back("I/O"); });
    spawn_later(0s, [&] { log.push_back("timer"); });
    // A post runs while it is looked for, what it spawns is ready before
    // what the timers make ready.
    hub.post([&] { spawn([&] { log.push_back("posted"); }); });
    spawn([&] { log.push_back("ready"); });
    sleep(1s);
    hub.remove_io_user();
  });

  // The I/O handler itself runs in the pass; the greenlets after it.
  CHECK(log == Log{"ready", "I/O", "posted", "timer"});
}

TEST_CASE("hub: post() has calls made in order, outside of any greenlet",
          "[runtime][hub]") {
  Log log;

  run_hub([&] {  // gevent 12
    Hub& hub = Hub::current();
    for (const char* text : {"1", "2", "3"})
      CHECK(hub.post([&log, &hub, text] {
        log.push_back(hub.running() == nullptr ? text : "in a greenlet");
      }));
    log.push_back("posted");
    sleep(1s);
  });

  CHECK(log == Log{"posted", "1", "2", "3"});
}

TEST_CASE("hub: a posted call that throws is reported, the hub goes on",
          "[runtime][hub]") {
  const Death death = death_of([] {
    run_hub(
        [] {  // gevent 13, test__hub.TestExceptionInMainloop.test_sleep
          Hub::current().post([] { throw std::runtime_error("boom"); });
          sleep(1s);
        },
        {.name = "stage"});
  });

  CHECK(death.signal == 0);
  CHECK(death.message ==
        "greenroom: a call posted to stage failed with "
        "std::runtime_error: boom\n");
}

TEST_CASE("hub: a posted call must not wait, but may do all else",
          "[runtime][hub]") {
  Log log;

  run_hub([&] {
    // gevent 28, test__server.TestNoneSpawn.test_assertion_in_blocking_func
    Hub& hub = Hub::current();
    Event event;
    const auto parked = spawn([] { sleep(forever); });
    sleep();
    const auto refused = [&](const char* name, auto call) {
      try {
        call();
      } catch (const BlockingSwitchOutError&) {
        log.push_back(name);
      }
    };
    hub.post([&] {
      refused("sleep", [] { sleep(1s); });
      refused("sleep(0)", [] { sleep(); });
      refused("idle", [] { idle(); });
      refused("wait", [&] { event.wait(); });
      refused("join", [&] { parked->join(); });
      refused("get", [] { AsyncResult<int>().get(); });
      refused("wait()", [] { wait(); });
      refused("current", [] { (void)current(); });
      refused("Timeout", [] { (void)Timeout::start_new(1s); });
      event.set();
      spawn([&] { log.push_back("spawned"); });
      parked->kill_soon();
    });
    CHECK(event.wait(1s));
    CHECK(parked->join(1s));
  });

  CHECK(log == Log{"sleep", "sleep(0)", "idle", "wait", "join", "get", "wait()",
                   "current", "Timeout", "spawned"});
}

TEST_CASE("hub: what is posted runs although a greenlet never rests",
          "[runtime][hub]") {
  run_hub([&] {
    bool stop = false;
    Hub::current().post([&] { stop = true; });
    while (!stop) sleep();
    SUCCEED();
  });
}

TEST_CASE("hub: posts of each thread arrive in their order", "[runtime][hub]") {
  constexpr int threads = 4;
  constexpr int posts = 1000;
  std::vector<std::vector<int>> arrived(threads);

  run_hub([&] {
    Hub& hub = Hub::current();
    AsyncResult<> all_there;
    int missing = threads * posts;
    std::vector<std::thread> senders;
    for (int t = 0; t < threads; ++t)
      senders.emplace_back([&, t] {
        for (int i = 0; i < posts; ++i)
          hub.post([&, t, i] {
            arrived[static_cast<std::size_t>(t)].push_back(i);
            if (--missing == 0) all_there.set();
          });
      });
    all_there.get();
    for (std::thread& sender : senders) sender.join();
  });

  for (const auto& numbers : arrived) {
    CHECK(numbers.size() == posts);
    CHECK(std::is_sorted(numbers.begin(), numbers.end()));
  }
}

TEST_CASE("hub: post() from a thread wakes it from its sleep",
          "[runtime][hub]") {
  const Hub real_time;  // gevent 31, test__core_async.Test.test
  Hub& hub = Hub::current();
  AsyncResult<std::string> word;
  std::thread other([&] {
    // Long enough for the hub to fall asleep.
    std::this_thread::sleep_for(5ms);
    hub.post([&] { word.set("woken"); });
  });

  CHECK(word.get(60s) == "woken");
  other.join();
}

TEST_CASE("hub: two of them talk to each other", "[runtime][hub]") {
  run_hub([&] {
    Hub& ours = Hub::current();
    Hub* theirs = nullptr;
    AsyncResult<int>* question = nullptr;
    Event introduced;
    AsyncResult<int> answer;

    std::thread other([&] {
      AsyncResult<int> asked;
      Hub& hub = Hub::current();
      ours.post([&] {
        theirs = &hub;
        question = &asked;
        introduced.set();
      });
      const int number = asked.get();
      ours.post([&answer, number] { answer.set(2 * number); });
    });
    introduced.wait();
    CHECK(theirs->id() != ours.id());
    theirs->post([&] { question->set(21); });
    CHECK(answer.get() == 42);
    other.join();
  });
}

TEST_CASE("hub: a thread's own ends with the thread and unwinds what waits",
          "[runtime][hub]") {
  Log log;

  std::thread([&] {  // Trap 5; gevent 33; unlike 34, nothing is abandoned
    struct Guard {
      ~Guard() { log.push_back("unwound"); }
      Log& log;
    };
    spawn([&] {
      const Guard guard{log};
      Event().wait();
    });
    spawn_later(1h, [&] { log.push_back("never"); });
    sleep();
  })
      .join();

  CHECK(log == Log{"unwound"});
}

TEST_CASE("hub: its end unwinds every greenlet, whatever it waits for",
          "[runtime][hub]") {
  int unwound = 0;
  struct Guard {
    ~Guard() { ++unwound; }
    int& unwound;
  };
  const auto held = std::make_shared<int>();

  {  // Trap 5
    VirtualClock clock;
    const Hub hub({.clock = &clock});
    Event never;
    AsyncResult<int> no_result;
    const auto start = [&](auto wait_for) {
      return spawn([&, wait_for, held] {
        const Guard guard{unwound};
        wait_for();
      });
    };
    const auto sleeps = start([] { sleep(1h); });
    start([&] { never.wait(); });
    start([&] { no_result.get(); });
    start([=] { sleeps->join(); });
    start([=] { joinall({sleeps}); });
    start([] {
      for (;;) idle();
    });
    start([] {
      for (;;) sleep();
    });
    sleep();
    spawn([held] {});            // ready, has not begun
    spawn_later(1h, [held] {});  // waits for its start
    const Timeout outlives = Timeout::start_new(1h);
  }

  CHECK(unwound == 7);
  CHECK(held.use_count() == 1);
}

TEST_CASE("hub: while it ends, destructors may wait and spawn",
          "[runtime][hub]") {
  Log log;
  struct Busy {
    ~Busy() {
      sleep(10ms);
      spawn([&log = log] {
        sleep(10ms);
        log.push_back("never: it is killed, too");
      });
      spawn([&log = log] { log.push_back("spawned"); })->join();
      log.push_back("waited");
    }
    Log& log;
  };

  run_hub([&] {
    spawn([&] {
      const Busy busy{log};
      sleep(forever);
    });
    sleep();
  });

  CHECK(log == Log{"spawned", "waited"});
}

TEST_CASE("hub: who swallows every kill is abandoned, and named",
          "[runtime][hub]") {
  const Death death = death_of([] {
    run_hub(
        [] {
          spawn({.name = "Hamlet"}, [] {
            for (;;) {
              try {
                sleep(forever);
              } catch (const GreenletExit&) {
              }
            }
          });
          sleep();
        },
        {.name = "stage"});
  });

  CHECK(death.signal == 0);
  CHECK(death.message.find("greenroom: stage ends, and abandons these:\n"
                           "  Hamlet waits for its sleep to end") == 0);
}

TEST_CASE("hub: ends although a kill of the main greenlet is under way",
          "[runtime][hub]") {
  Log log;

  run_hub([&] {
    Greenlet& main = current();
    spawn([&] {
      try {
        sleep(forever);
      } catch (const GreenletExit&) {
        main.kill_soon();
        log.push_back("unwound");
      }
    });
    sleep();
    main.kill_soon();
    CHECK_THROWS_AS(sleep(), GreenletExit);
  });

  CHECK(log == Log{"unwound"});
}

TEST_CASE("hub: at_end() is called first, and may wait", "[runtime][hub]") {
  Log log;

  run_hub([&] {
    Hub::current().at_end([&] {
      sleep(1s);
      log.push_back("at end");
    });
    spawn([&] {
      try {
        sleep(forever);
      } catch (const GreenletExit&) {
        log.push_back("unwound");
      }
    });
    sleep();
  });

  CHECK(log == Log{"at end", "unwound"});
}

TEST_CASE("hub: after its end the number's door stays shut", "[runtime][hub]") {
  struct Call final : detail::Posted {
    void arrive() noexcept override {}
  } call;
  HubId id{};
  run_hub([&] { id = Hub::current().id(); });

  CHECK_FALSE(detail::Door::of(id).post(call));
}

TEST_CASE("hub: can run on a borrowed io_context", "[runtime][hub]") {
  Log log;
  boost::asio::io_context context;
  boost::asio::post(context, [&] { log.push_back("posted before"); });
  {
    VirtualClock clock;
    const Hub hub({.clock = &clock, .io_context = &context});
    CHECK(&Hub::current().io_context() == &context);
    Event timer_fired;
    boost::asio::steady_timer timer(context, 1ms);
    timer.async_wait([&](const boost::system::error_code&) {
      log.push_back("timer");
      timer_fired.set();
    });
    timer_fired.wait();
    const auto g = spawn([&] { log.push_back("greenlet"); });
    g->join();
  }
  // It goes on without the hub.
  boost::asio::post(context, [&] { log.push_back("posted after"); });
  context.restart();
  context.run();

  CHECK(log == Log{"posted before", "timer", "greenlet", "posted after"});
}

TEST_CASE("hub: recent_now() is the time of its last look", "[runtime][hub]") {
  run_hub([&] {
    Hub& hub = Hub::current();
    sleep(3s);
    CHECK(hub.now() == TimePoint() + 3s);
    CHECK(hub.recent_now() == TimePoint() + 3s);
  });
}

TEST_CASE("hub: a destructor called from another thread aborts",
          "[runtime][hub]") {
  const Death death = death_of([] {
    auto hub = std::make_unique<Hub>();
    std::thread([&] { hub.reset(); }).join();
  });

  CHECK(death.signal == SIGABRT);
  CHECK(death.message.find("~Hub called from a thread without a hub") !=
        std::string::npos);
}

}  // namespace
}  // namespace greenroom::test
