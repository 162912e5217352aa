// How a hub ends, and what becomes of those who still wait there.

#include "../../support/catch2.hpp"
#include "../../support/dies.hpp"
#include "../../support/run_hub.hpp"

#include <greenroom/runtime/core/errors.hpp>
#include <greenroom/runtime/core/hub.hpp>

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;
using Log = std::vector<std::string>;

TEST_CASE("hub: ends with its thread and unwinds what waits",
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
      spawn([&to = log] {
        sleep(10ms);
        to.push_back("never: it is killed, too");
      });
      spawn([&to = log] { to.push_back("spawned"); })->join();
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

TEST_CASE("hub: a greenlet that swallows every kill is abandoned, and named",
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
  CHECK(
      death.message.find("greenroom: stage ends and abandons these greenlets:\n"
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

TEST_CASE("hub: std::exit() in a greenlet or a callback ends the program",
          "[runtime][hub]") {
  struct Loud {
    ~Loud() { std::fprintf(stderr, "never: nothing is unwound\n"); }
  };
  const auto exit_by = [](const std::function<void()>& how) {
    return death_of([&] {
      spawn([] {
        const Loud loud;
        sleep(forever);
      });
      sleep();
      how();
      std::abort();
    });
  };
  const auto exit = [] { std::exit(3); };

  const std::vector<std::function<void()>> ways{
      exit,
      [&] { spawn(exit)->join(); },
      [&] { spawn([&] { sleep(1ms), exit(); })->join(); },
      [&] { Hub::current().post(exit), sleep(1s); },
  };
  for (std::size_t i = 0; i < ways.size(); ++i) {
    const Death death = exit_by(ways[i]);
    INFO("way " << i << ": " << death.message);
    CHECK(death.signal == 0);
    CHECK(death.status == 3);
    // exit() in the main greenlet ends the hub as usual.
    CHECK(death.message.empty() == (i != 0));
  }
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
