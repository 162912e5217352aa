#include "../../support/catch2.hpp"
#include "../../support/dies.hpp"
#include "../../support/other_threads.hpp"
#include "../../support/run_hub.hpp"
#include "../../support/scripted.hpp"

#include <greenroom/actors/actor_system.hpp>
#include <greenroom/runtime/core/sanitizer.hpp>
#include <greenroom/runtime/core/worker_threads.hpp>
#include <greenroom/runtime/inspect/watchdog.hpp>
#include <greenroom/runtime/sync/event.hpp>
#include <greenroom/runtime/tasks/join.hpp>
#include <greenroom/runtime/tasks/spawn.hpp>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;

// A watchdog that looks when the test says so, at a time that the test gives.
class HandWatchdog {
 public:
  void look_after(Duration time) { dog_.look(now_ += time); }
  [[nodiscard]] const std::vector<Hold>& holds() const { return holds_; }

 private:
  std::vector<Hold> holds_;
  TimePoint now_{};
  Watchdog dog_{{.max_blocking_time = 100ms,
                 .report = [this](const Hold& hold) { holds_.push_back(hold); },
                 .has_thread = false}};
};

// Can be found by name on a stack if the program exports its symbols.
[[gnu::noinline]] void hold_the_hub(HandWatchdog& dog) {
  dog.look_after(1ms);
  dog.look_after(100ms);
}

TEST_CASE("watchdog: names the greenlet that holds its hub, and where it is",
          "[runtime][watchdog]") {
  HandWatchdog dog;

  run_hub([&] { spawn({.name = "hog"}, [&] { hold_the_hub(dog); })->join(); },
          {.name = "stage"});

  REQUIRE(dog.holds().size() == 1);
  const Hold& hold = dog.holds().front();
  CHECK(hold.hub == "stage");
  CHECK(hold.greenlet == "hog");
  CHECK(hold.time == 100ms);
  CHECK(hold.stack.size() > 3);
  CHECK(to_string(hold).find("greenroom: hog has held stage for 0.1 s without "
                             "giving way\n  ") == 0);
}

TEST_CASE("watchdog: names an actor by type and address",
          "[runtime][watchdog]") {
  HandWatchdog dog;
  std::string address;

  run_hub([&] {
    const auto actor = spawn<Scripted>(
        Script{.receive = [&](Message&) { hold_the_hub(dog); }});
    address = to_string(actor.address());
    actor.send(1);
    wait();
    actor.stop();
  });

  REQUIRE(dog.holds().size() == 1);
  CHECK(dog.holds().front().greenlet ==
        "greenroom::test::Scripted(" + address + ")");
}

TEST_CASE("watchdog: a callback of the hub may hold it, too",
          "[runtime][watchdog]") {
  HandWatchdog dog;

  run_hub([&] {
    Hub::current().post([&] { hold_the_hub(dog); });
    sleep(1ms);
  });

  REQUIRE(dog.holds().size() == 1);
  CHECK(dog.holds().front().greenlet == "a callback");
}

TEST_CASE("watchdog: reports a hold once, and again when it has doubled",
          "[runtime][watchdog]") {
  HandWatchdog dog;
  std::vector<std::size_t> reports;

  run_hub([&] {
    for (int looks = 0; looks < 10; ++looks) {
      dog.look_after(50ms);
      reports.push_back(dog.holds().size());
    }
  });

  // Seen at 0, 50, 100 ms, ...: reported at 100, 200, 400.
  CHECK(reports == std::vector<std::size_t>{0, 0, 1, 1, 2, 2, 2, 2, 3, 3});
  CHECK(dog.holds().back().time == 400ms);
}

TEST_CASE("watchdog: a greenlet that gives way between two looks is not named",
          "[runtime][watchdog]") {
  HandWatchdog dog;

  run_hub([&] {
    for (int looks = 0; looks < 10; ++looks) {
      dog.look_after(1h);
      sleep();
    }
  });

  CHECK(dog.holds().empty());
}

TEST_CASE("watchdog: a greenlet can be excluded, and included again",
          "[runtime][watchdog]") {
  HandWatchdog dog;

  run_hub([&] {
    current().set_watched(false);
    hold_the_hub(dog);
    CHECK(dog.holds().empty());
    sleep();
    current().set_watched(true);
    hold_the_hub(dog);
    CHECK(dog.holds().size() == 1);
  });
}

TEST_CASE("watchdog: a hub that sleeps is not held", "[runtime][watchdog]") {
  HandWatchdog dog;
  {
    const Hub here;
    Hub* hub = &Hub::current();
    Event end;
    std::thread looks([&] {
      while (!hub->pulse().is_asleep) std::this_thread::yield();
      dog.look_after(1ms);
      dog.look_after(1h);
      hub->post([&] { end.set(); });
    });
    end.wait();
    looks.join();
  }

  CHECK(dog.holds().empty());
}

TEST_CASE("watchdog: a second one is refused", "[runtime][watchdog]") {
  const Watchdog first;
  CHECK_THROWS_AS(Watchdog(), std::logic_error);
}

TEST_CASE("watchdog: leaves other uses of its signal alone",
          "[runtime][watchdog]") {
  static volatile std::sig_atomic_t urgent = 0;
  struct sigaction before {};
  struct sigaction mine {};
  mine.sa_handler = [](int) { urgent = urgent + 1; };
  sigaction(SIGURG, &mine, &before);
  {
    const HandWatchdog dog;
    raise(SIGURG);
    CHECK(urgent == 1);
  }
  raise(SIGURG);
  CHECK(urgent == 2);
  sigaction(SIGURG, &before, nullptr);
}

TEST_CASE("watchdog: looks by itself on a thread of its own",
          "[runtime][watchdog]") {
  std::atomic<bool> reported{false};
  const Watchdog dog({.max_blocking_time = 5ms, .report = [&](const Hold& h) {
                        // On a busy machine others may be named before it.
                        if (h.greenlet == "hog") reported = true;
                      }});
  run_hub([&] {
    // A sleep that is not the hub's holds the hub.
    spawn({.name = "hog"}, [&] {
      while (!reported) std::this_thread::sleep_for(1ms);
    })->join();
  });
  CHECK(reported);
}

TEST_CASE("watchdog: its thread prevents no LoopExit", "[runtime][watchdog]") {
  const Watchdog dog;
  run_hub([&] { CHECK_THROWS_AS(Event().wait(), LoopExit); });
  CHECK(detail::worker_threads.load() == 1);
}

TEST_CASE("watchdog: whoever makes one can still wake a hub",
          "[runtime][watchdog]") {
  // A hub that asks itself whether anybody is left, at any moment of making it.
  int woken = 0;
  for (int round = 0; round < 300; ++round) {
    std::atomic<Hub*> hub{nullptr};
    Event* event = nullptr;
    std::atomic<bool> is_lost{false};
    std::thread waits([&] {
      Hub here;
      Event mine;
      event = &mine;
      hub = &here;
      try {
        mine.wait();
        ++woken;
      } catch (const LoopExit&) {
        is_lost = true;
      }
    });
    while (hub == nullptr) std::this_thread::yield();
    const auto begin = std::chrono::steady_clock::now();
    while (std::chrono::steady_clock::now() < begin + round * 100ns) {
    }
    {
      const Watchdog dog;
      if (!is_lost) hub.load()->post([&] { event->set(); });
    }
    waits.join();
  }
  CHECK(woken == 300);
}

#if !defined(GREENROOM_TSAN)  // it ends a child that starts a thread
TEST_CASE("watchdog: survives fork(), and watches the child",
          "[runtime][watchdog]") {
  const Death death = death_of([] {
    const pid_t parent = getpid();
    const Watchdog dog({.max_blocking_time = 5ms, .report = [=](const Hold& h) {
                          if (getpid() == parent) return;
                          std::fprintf(stderr, "%s\n", h.greenlet.c_str());
                          if (h.greenlet == "child's hog") _exit(0);
                        }});
    const Hub hub;
    wait_until_other_threads_sleep();
    const pid_t child = fork();
    if (child != 0) {
      waitpid(child, nullptr, 0);
      return;
    }
    sleep(1ms);
    spawn({.name = "child's hog"}, [] {
      for (;;) pause();
    })->join();
  });

  CHECK(death.status == 0);
  CHECK(death.message.ends_with("child's hog\n"));
}
#endif

}  // namespace
}  // namespace greenroom::test
