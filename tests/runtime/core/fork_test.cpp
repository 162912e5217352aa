// Trap 6: fork() in a program with hubs. The child has the calling greenlet
// only, and parent and child both go on.

#include "../../support/catch2.hpp"
#include "../../support/dies.hpp"
#include "../../support/run_hub.hpp"

#include <greenroom/runtime/core/hub.hpp>
#include <greenroom/runtime/core/sanitizer.hpp>
#include <greenroom/runtime/sync/event.hpp>
#include <greenroom/runtime/tasks/join.hpp>
#include <greenroom/runtime/tasks/spawn.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <functional>
#include <string>
#include <thread>

// ThreadSanitizer takes each stack for a thread, and does not support the child
// of a program with threads.
#if !defined(GREENROOM_TSAN)

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;

// Forks; the child runs `body` and exits with what that returns.
pid_t fork_child(const std::function<int()>& body) {
  std::fflush(stdout);
  const pid_t child = fork();
  if (child == 0) {
    alarm(20);  // rather than hang
    const int status = body();
    _exit(status);
  }
  return child;
}

// The exit status; -1 if a signal ended it.
int status_of(pid_t child) {
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST_CASE("fork: parent and child of the main greenlet both go on",
          "[runtime][fork]") {
  int status = -1;
  bool parents_greenlet_ran = false;

  run_hub([&] {
    const auto parked = spawn([&] {
      sleep(1s);
      parents_greenlet_ran = true;
    });
    const auto queued = spawn([] {});
    const pid_t child = fork_child([&] {
      if (!parked->dead() || !queued->dead()) return 1;  // not in the child
      if (spawn([] { return sleep(1s), 5; })->get() != 5) return 2;
      if (!wait()) return 3;
      if (parents_greenlet_ran) return 4;
      return 0;
    });
    CHECK_FALSE(parked->dead());
    CHECK(parked->join());
    status = status_of(child);
  });

  CHECK(status == 0);
  CHECK(parents_greenlet_ran);
}

TEST_CASE("fork: what greenlets hold in the parent is not unwound in the child",
          "[runtime][fork]") {
  int status = -1;
  int unwound = 0;
  struct Guard {
    ~Guard() { ++unwound; }
    int& unwound;
  };

  run_hub([&] {
    spawn([&] {
      const Guard guard{unwound};
      sleep(1s);
    });
    sleep();
    status = status_of(fork_child([&] {
      sleep(2s);
      return unwound;
    }));
  });

  CHECK(status == 0);
  CHECK(unwound == 1);
}

TEST_CASE("fork: in the child a lost greenlet can be joined, and has ended",
          "[runtime][fork]") {
  int status = -1;

  run_hub([&] {
    const auto lost = spawn([] { return sleep(1s), 5; });
    sleep();
    status = status_of(fork_child([&] {
      if (!lost->join(1s)) return 1;
      if (lost->value() != nullptr) return 2;
      try {
        lost->get();
      } catch (const GreenletExit&) {
        return 0;
      }
      return 3;
    }));
    CHECK(lost->get() == 5);
  });

  CHECK(status == 0);
}

TEST_CASE("fork: events, results and kills work in the child",
          "[runtime][fork]") {
  int status = -1;

  run_hub([&] {
    Event event;
    const auto lost = spawn([&] { event.wait(); });
    sleep();
    status = status_of(fork_child([&] {
      const auto waits = spawn([&] { return event.wait(1s); });
      const auto killed = spawn([] { sleep(forever); });
      sleep();
      event.set();  // the lost greenlet waits for it, too
      killed->kill();
      lost->kill();
      return waits->get() ? 0 : 1;
    }));
    event.set();
  });

  CHECK(status == 0);
}

TEST_CASE("fork: threads of the child can post to its hub", "[runtime][fork]") {
  int status = -1;
  const Hub real_time;
  Hub& hub = Hub::current();
  sleep(1ms);  // the event loop has been used

  const auto answered_by_thread = [&] {
    AsyncResult<int> answer;
    std::thread other([&] { hub.post([&] { answer.set(7); }); });
    const int number = answer.get();
    other.join();
    return number;
  };
  const pid_t child = fork_child(answered_by_thread);
  CHECK(answered_by_thread() == 7);
  status = status_of(child);

  CHECK(status == 7);
}

TEST_CASE("fork: a post on its way to the parent is not the child's",
          "[runtime][fork]") {
  int status = -1;
  int arrived = 0;

  run_hub([&] {
    Hub::current().post([&] { ++arrived; });
    status = status_of(fork_child([&] {
      sleep(1s);
      return arrived;
    }));
    sleep(1s);
  });

  CHECK(status == 0);
  CHECK(arrived == 1);
}

TEST_CASE("fork: in the child of a greenlet there is only this greenlet",
          "[runtime][fork]") {
  int status = -1;

  run_hub([&] {
    Event event;
    const auto other = spawn([&] { event.wait(); });
    const auto forks = spawn([&] {
      std::fflush(stdout);
      const pid_t child = fork();
      if (child == 0) {
        alarm(20);
        // It goes on, and may have greenlets of its own.
        sleep(1s);
        const int sum = spawn([] { return sleep(1s), 5; })->get();
        if (sum != 5 || !other->dead()) _exit(1);
        return -1;  // the end of this greenlet is the end of the program
      }
      return status_of(child);
    });
    status = forks->get();
    event.set();
  });

  CHECK(status == 0);
}

TEST_CASE("fork: lost greenlets have left the lists in which they waited",
          "[runtime][fork]") {
  int status = -1;
  constexpr WaitReason reason{"the test"};

  run_hub([&] {
    WaitList waiters;
    const auto g = spawn([&] {
      Waiter waiter(reason, &waiters);
      waiters.add(waiter);
      waiter.park();
    });
    sleep();
    status =
        status_of(fork_child([&] { return waiters.notify_one() ? 1 : 0; }));
    CHECK(waiters.notify_one());
    g->join();
  });

  CHECK(status == 0);
}

TEST_CASE("fork: the child of a greenlet may wait for I/O", "[runtime][fork]") {
  int status = -1;
  const Hub real_time;
  Hub& hub = Hub::current();

  const auto forks = spawn([&] {
    std::fflush(stdout);
    const pid_t child = fork();
    if (child != 0) return status_of(child);
    alarm(20);
    hub.add_io_user();
    Event event;
    boost::asio::steady_timer timer(hub.io_context(), 1ms);
    timer.async_wait([&](const boost::system::error_code&) { event.set(); });
    event.wait();
    _exit(5);
  });
  status = forks->get();

  CHECK(status == 5);
}

TEST_CASE("fork: a Timeout of the forking greenlet goes on in the child",
          "[runtime][fork]") {
  int status = -1;

  run_hub([&] {
    const Timeout limit = Timeout::start_new(2s);
    status = status_of(fork_child([] {
      try {
        sleep(5s);
      } catch (const TimeoutError&) {
        return 0;
      }
      return 1;
    }));
  });

  CHECK(status == 0);
}

TEST_CASE("fork: the child does not wait for the sleeps of lost greenlets",
          "[runtime][fork]") {
  int of_main = -1;
  int of_greenlet = -1;
  const Hub real_time;
  spawn([] { sleep(1h); });
  spawn_later(1h, [] {});
  spawn([] { Event().wait(1h); });
  sleep();

  of_main = status_of(fork_child([] { return wait() ? 0 : 1; }));
  of_greenlet = spawn([] {
                  std::fflush(stdout);
                  const pid_t child = fork();
                  if (child == 0) {
                    alarm(20);
                    return -1;
                  }
                  return status_of(child);
                })->get();

  CHECK(of_main == 0);
  CHECK(of_greenlet == 0);
}

TEST_CASE("fork: on a thread without a hub, it leaves the hubs to the parent",
          "[runtime][fork]") {
  int status = -1;

  run_hub([&] {
    std::thread([&] {
      status = status_of(fork_child([] {
        if (Hub::find() != nullptr) return 1;
        return spawn([] { return sleep(), 5; })->get() == 5 ? 0 : 2;
      }));
    }).join();
    sleep(1s);
  });

  CHECK(status == 0);
}

TEST_CASE("fork: a child may fork again", "[runtime][fork]") {
  int status = -1;

  run_hub([&] {
    status = status_of(fork_child([] {
      sleep(1s);
      return status_of(fork_child([] {
        sleep(1s);
        return spawn([] { return 9; })->get();
      }));
    }));
  });

  CHECK(status == 9);
}

}  // namespace
}  // namespace greenroom::test

#endif
