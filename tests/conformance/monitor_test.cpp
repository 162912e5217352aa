// gevent's behaviours of monitoring and debugging: SEMANTICS, 388-397.

#include "../support/catch2.hpp"
#include "../support/dies.hpp"
#include "../support/run_hub.hpp"

#include <greenroom/runtime/core/hub.hpp>
#include <greenroom/runtime/core/sanitizer.hpp>
#include <greenroom/runtime/core/worker_threads.hpp>
#include <greenroom/runtime/inspect/assert_switches.hpp>
#include <greenroom/runtime/inspect/run_info.hpp>
#include <greenroom/runtime/inspect/watchdog.hpp>
#include <greenroom/runtime/sync/event.hpp>
#include <greenroom/runtime/tasks/join.hpp>
#include <greenroom/runtime/tasks/spawn.hpp>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <functional>
#include <regex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;

// A watchdog that looks when a test says so, at the time that it says.
struct HandWatchdog {
  void look_after(Duration time) { dog.look(now += time); }

  std::vector<Hold> holds;
  TimePoint now{};
  Watchdog dog{{.max_blocking_time = 100ms,
                .report = [this](const Hold& hold) { holds.push_back(hold); },
                .has_thread = false}};
};

// test__hub.TestPeriodicMonitoringThread.test_blocking_this_thread
TEST_CASE(
    "gevent 388: a native thread notices that no switch happened for too long, "
    "and a listener decides what is reported",
    "[conformance][monitor]") {
  const auto held = [](std::function<void(const Hold&)> report,
                       const std::atomic<bool>& is_reported) {
    const Watchdog dog({.max_blocking_time = 5ms, .report = std::move(report)});
    run_hub([&] {
      spawn({.name = "hog"}, [&] {
        while (!is_reported) std::this_thread::sleep_for(1ms);
      })->join();
    });
  };

  SECTION("a listener") {
    std::atomic<bool> is_reported{false};
    std::string who;
    std::size_t frames = 0;
    Duration time{};
    held(
        [&](const Hold& hold) {
          // A busy machine may have held up another hub.
          if (is_reported || hold.greenlet != "hog") return;
          who = hold.greenlet;
          time = hold.time;
          frames = hold.stack.size();
          is_reported = true;
        },
        is_reported);
    CHECK(who == "hog");
    CHECK(time >= 5ms);
    CHECK(frames > 3);
  }

  SECTION("nobody: it is printed") {
    const Death death = death_of([&] {
      const Watchdog dog({.max_blocking_time = 5ms});
      // The end of this process's stderr is what is waited for.
      run_hub(
          [&] {
            spawn({.name = "hog"}, [] {
              std::array<int, 2> ends{};
              (void)!pipe(ends.data());
              dup2(ends[1], STDERR_FILENO);
              char first = 0;
              (void)!read(ends[0], &first, 1);
              _exit(first == 'g' ? 7 : 1);
            })->join();
          },
          {.name = "stage"});
    });
    CHECK(death.status == 7);
  }
}

// test__monitor.TestPeriodicMonitorBlocking.test_monitor_blocking,
// .test__greenlet_tracer
TEST_CASE(
    "gevent 389: a report needs the same greenlet without a switch since the "
    "last look, the first look after a switch never reports",
    "[conformance][monitor]") {
  HandWatchdog watch;

  run_hub([&] {
    watch.look_after(1h);
    CHECK(watch.holds.empty());
    watch.look_after(1h);
    CHECK(watch.holds.size() == 1);
    sleep();
    watch.look_after(1h);
    CHECK(watch.holds.size() == 1);
    watch.look_after(99ms);
    CHECK(watch.holds.size() == 1);
    watch.look_after(1ms);
    CHECK(watch.holds.size() == 2);
  });
}

// test__monitor.TestPeriodicMonitorBlocking.test_monitor_blocking
TEST_CASE("gevent 390: single greenlets can be excluded and included again",
          "[conformance][monitor]") {
  HandWatchdog watch;

  run_hub([&] {
    current().set_watched(false);
    watch.look_after(1h);
    watch.look_after(1h);
    CHECK(watch.holds.empty());
    sleep();
    current().set_watched(true);
    watch.look_after(1h);
    watch.look_after(1h);
    CHECK(watch.holds.size() == 1);
  });
}

// test__hub.TestPeriodicMonitoringThread
//   .test_blocking_threadpool_thread_task_queue, ..._one_greenlet
TEST_CASE(
    "gevent 391: a thread that merely blocks is not reported, one that runs "
    "greenlets is",
    "[conformance][monitor]") {
  HandWatchdog watch;

  std::thread([&] {
    watch.look_after(1h);
    watch.look_after(1h);
  }).join();
  CHECK(watch.holds.empty());

  std::thread([&] {
    const Hub hub(HubOptions{.name = "worker"});
    spawn([&] {
      watch.look_after(1h);
      watch.look_after(1h);
    })->join();
  }).join();
  REQUIRE(watch.holds.size() == 1);
  CHECK(watch.holds.front().hub == "worker");
}

// test__monitor.TestPeriodicMonitoringThread.test_hub_wref,
// .test_call_destroyed_hub, .test_hub_reinit;
// test__hub.TestPeriodicMonitoringThread.test_kill_removes_trace
TEST_CASE(
    "gevent 393: the monitor leaves a hub that has ended alone, removes its "
    "hooks, and goes on after fork",
    "[conformance][monitor]") {
  SECTION("a hub that has ended") {
    HandWatchdog watch;
    run_hub([&] { watch.look_after(1h); });
    watch.look_after(1h);
    CHECK(watch.holds.empty());
  }

  SECTION("its hooks") {
    struct sigaction before {};
    struct sigaction after {};
    sigaction(SIGURG, nullptr, &before);
    { const Watchdog dog; }
    sigaction(SIGURG, nullptr, &after);
    CHECK(after.sa_handler == before.sa_handler);
    CHECK(detail::worker_threads.load() == 0);
  }

#if !defined(GREENROOM_TSAN)  // TSan ends a child that begins a thread
  SECTION("fork") {
    const Death death = death_of([] {
      const Watchdog dog;
      const Hub hub;
      const pid_t child = fork();
      if (child == 0) {
        const std::size_t at_first = detail::worker_threads.load();
        sleep(1ms);
        _exit(at_first == 0 && detail::worker_threads.load() == 1 ? 0 : 1);
      }
      int status = 0;
      waitpid(child, &status, 0);
      _exit(WEXITSTATUS(status));
    });
    CHECK(death.status == 0);
  }
#endif
}

// gevent.util.assert_switches has no test of its own; issue #1517
TEST_CASE("gevent 395: assert_switches throws if no switch came for too long",
          "[conformance][monitor]") {
  run_hub([] {
    CHECK_THROWS_AS(assert_switches([] {}), FailedToSwitch);
    CHECK_NOTHROW(assert_switches([] { sleep(); }));
  });
  const Hub real_time;
  CHECK_THROWS_AS(
      assert_switches(1ms, [] { std::this_thread::sleep_for(2ms); }),
      FailedToSwitch);
  // Unlike gevent, the time that the hub sleeps does not count: as hub_only.
  CHECK_NOTHROW(assert_switches(10s, [] { sleep(1ms); }));
}

// test__util.TestFormat, TestTree.test_tree. Unlike gevent, there are no
// locals, and those that have ended are described one by one.
TEST_CASE(
    "gevent 396: run info shows the greenlets by spawner, with state, value or "
    "exception",
    "[conformance][monitor]") {
  std::string tree;
  std::string failed;
  std::string returned;

  run_hub(
      [&] {
        Event never;
        const auto top = spawn({.name = "top"}, [&] {
          const auto middle = spawn({.name = "middle"}, [&] {
            spawn({.name = "leaf"}, [&] { never.wait(); });
            never.wait();
          });
          middle->join();
        });
        const auto fails =
            spawn({.name = "fails"}, [] { throw std::runtime_error("boom"); });
        CHECK_THROWS(fails->get());
        const auto returns = spawn({.name = "returns"}, [] {});
        sleep();
        tree = format_run_info();
        failed = describe(*fails);
        returned = describe(*returns);
        never.set();
        top->join();
      },
      {.name = "stage"});

  CHECK(std::regex_replace(tree, std::regex("0x[0-9a-f]+"), "0x") ==
        "stage: 4 greenlets\n"
        "  main (1): running\n"
        "    top (2): waits for the end of a greenlet (0x), for 0 s\n"
        "      middle (4): waits for an event (0x), for 0 s\n"
        "        leaf (5): waits for an event (0x), for 0 s\n");
  CHECK(failed == "fails (3): failed with std::runtime_error: boom");
  CHECK(returned == "returns (6): returned");
}

}  // namespace
}  // namespace greenroom::test
