#include "../../support/catch2.hpp"
#include "../../support/reported.hpp"
#include "../../support/run_hub.hpp"

#include <greenroom/runtime/core/errors.hpp>
#include <greenroom/runtime/core/hub.hpp>
#include <greenroom/runtime/core/sanitizer.hpp>
#include <greenroom/runtime/sync/event.hpp>
#include <greenroom/runtime/tasks/join.hpp>
#include <greenroom/runtime/tasks/spawn.hpp>
#include <greenroom/runtime/tasks/thread_pool.hpp>

#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <optional>
#include <semaphore>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;

using Gate = std::counting_semaphore<>;

std::string name_of_thread() {
  std::array<char, 16> name{};
  pthread_getname_np(pthread_self(), name.data(), name.size());
  return name.data();
}

TEST_CASE("offload: the result comes back from another thread",
          "[runtime][thread_pool]") {
  const Hub hub;
  const auto here = std::this_thread::get_id();
  CHECK(offload([] { return std::this_thread::get_id(); }) != here);
  CHECK(offload([](int a, int b) { return a + b; }, 1, 2) == 3);
  CHECK(*offload([](std::unique_ptr<int> n) { return n; },
                 std::make_unique<int>(5)) == 5);
}

TEST_CASE("offload: the exception comes back", "[runtime][thread_pool]") {
  const Hub hub;
  CHECK_THROWS_WITH(offload([] { throw std::runtime_error("no disk"); }),
                    "no disk");
}

TEST_CASE("offload: only the caller waits", "[runtime][thread_pool]") {
  std::vector<std::string> log;
  const Hub hub;
  Gate gate(0);
  const auto waits = spawn([&] {
    offload([&] { gate.acquire(); });
    log.emplace_back("back");
  });
  sleep();
  log.emplace_back("the hub goes on");
  gate.release();
  waits->join();
  CHECK(log == std::vector<std::string>{"the hub goes on", "back"});
}

TEST_CASE("offload: inside of an offloaded call it calls right there",
          "[runtime][thread_pool]") {
  const Hub hub;
  CHECK(offload([] {
    const auto there = std::this_thread::get_id();
    return offload([] { return std::this_thread::get_id(); }) == there;
  }));
}

TEST_CASE("offload: a waiter that was killed leaves the thread working",
          "[runtime][thread_pool]") {
  Gate done(0);
  const Hub hub;
  Gate gate(0);
  const auto waits =
      spawn([&] { offload([&] { gate.acquire(), done.release(); }); });
  sleep();
  CHECK(waits->kill());
  gate.release();
  done.acquire();
  CHECK(wait());  // its answer arrives, and nobody is there
}

TEST_CASE("offload: a hub that ends waits for the call, and nothing dangles",
          "[runtime][thread_pool]") {
  bool worked = false;
  bool came_back = false;
  Gate begun(0);
  Gate gate(0);
  {
    const Hub hub;
    spawn([&] {
      struct Opener {
        ~Opener() { gate.release(); }
        Gate& gate;
      } const when_unwound{gate};
      offload([&] {
        begun.release();
        gate.acquire();
        worked = true;
      });
      came_back = true;
    });
    sleep();
    begun.acquire();
  }
  CHECK(worked);
  CHECK_FALSE(came_back);
}

TEST_CASE("offload: a hub whose work is out is not in a deadlock",
          "[runtime][thread_pool]") {
  const Hub hub;
  // Longer than it takes a hub to look for a deadlock.
  CHECK_NOTHROW(offload([] { std::this_thread::sleep_for(30ms); }));
  CHECK_NOTHROW(offload([] { std::this_thread::sleep_for(30ms); }));
}

TEST_CASE("thread pool: idle threads do not hide a deadlock",
          "[runtime][thread_pool][deadlock]") {
  const Hub hub;
  offload([] {});
  ThreadPool pool{2};
  pool.set_size(2);
  Event never;
  CHECK_THROWS_AS(never.wait(), LoopExit);
}

TEST_CASE("thread pool: threads have names", "[runtime][thread_pool]") {
  const Hub hub({.name = "disk"});
  ThreadPool pool{1, "reader"};
  CHECK(pool.apply(name_of_thread) == "reader-1");
  CHECK(offload(name_of_thread) == "disk offload-1");
}

TEST_CASE("thread pool: a result can be waited for together with others",
          "[runtime][thread_pool]") {
  const Hub hub;
  ThreadPool pool{2};
  const auto first = pool.spawn([] { return 1; });
  const auto second = pool.spawn([] { return 2; });
  CHECK(wait({first.get(), second.get()}).size() == 2);
  CHECK(first->get_nowait() + second->get_nowait() == 3);
}

TEST_CASE("thread pool: a result that nobody keeps is dropped",
          "[runtime][thread_pool]") {
  const Hub hub;
  ThreadPool pool{1};
  pool.spawn([] { throw std::runtime_error("unheard"); });
  pool.spawn([] { return std::string(100, 'x'); });
  CHECK(pool.join());
}

TEST_CASE("thread pool: a failure whose result nobody keeps is reported",
          "[runtime][thread_pool]") {
  Reported reported;
  const Hub hub(reported.options());
  ThreadPool pool(1, "disk");
  const auto fails = [](const char* why) { throw std::runtime_error(why); };

  const auto kept = pool.spawn(fails, "kept");
  pool.spawn(fails, "dropped");
  CHECK_THROWS_WITH(pool.apply(fails, "asked for"), "asked for");
  CHECK_THROWS_WITH(pool.map(fails, std::vector<const char*>{"mapped"}),
                    "mapped");
  pool.join();
  CHECK_THROWS_WITH(kept->get(), "kept");
  CHECK(reported.all() == std::vector<std::string>{"disk: dropped"});
}

TEST_CASE("thread pool: its destruction fails tasks that have not begun",
          "[runtime][thread_pool]") {
  const Hub hub;
  AsyncResultPtr<int> running;
  AsyncResultPtr<int> waiting;
  {
    Gate begun(0);
    Gate end(0);
    ThreadPool pool{1};
    running = pool.spawn([&] {
      begun.release();
      end.acquire();
      return 1;
    });
    begun.acquire();
    waiting = pool.spawn([] { return 2; });
    pool.kill_soon();
    CHECK_THROWS_AS(waiting->get(), GreenletExit);
    end.release();
  }
  CHECK(running->get() == 1);
}

TEST_CASE("thread pool: it may outlive its hub", "[runtime][thread_pool]") {
  std::optional<ThreadPool> pool;
  AsyncResultPtr<int> result;
  {
    const Hub hub;
    pool.emplace(2);
    result = pool->spawn([] { return 1; });
    CHECK(result->get() == 1);
  }
  CHECK(pool->size() == 0);
}

TEST_CASE("thread pool: an imap that is left early begins no more calls",
          "[runtime][thread_pool]") {
  std::atomic<int> calls{0};
  const Hub hub;
  ThreadPool pool{1};
  {
    auto results =
        pool.imap([&](int n) { return ++calls, n; }, std::vector<int>(100, 1));
    CHECK(results.next() == 1);
  }
  CHECK(pool.join());
  CHECK(calls < 100);
}

TEST_CASE("thread pool: many calls from many greenlets all come back",
          "[runtime][thread_pool]") {
  int sum = 0;
  const Hub hub;
  ThreadPool pool{4};
  std::vector<GreenletPtr> all;
  for (int i = 0; i < 50; ++i)
    all.push_back(spawn([&, i] {
      for (int j = 0; j < 20; ++j) sum += pool.apply([i] { return i; });
    }));
  joinall(all);
  CHECK(sum == 20 * (49 * 50 / 2));
  CHECK(pool.unfinished() == 0);
}

#if !defined(GREENROOM_TSAN)  // its own thread is missing in the child
TEST_CASE("thread pool: who forks in one of its threads is no thread of a pool",
          "[runtime][thread_pool]") {
  int status = -1;

  run_hub([&] {
    ThreadPool pool{2};
    status = pool.apply([] {
      const pid_t child = fork();
      if (child == 0) {
        bool is_told = false;
        try {
          const Hub hub;
          Event().wait();
        } catch (const LoopExit&) {
          is_told = true;
        }
        _exit(is_told ? 0 : 1);
      }
      int ended = -1;
      waitpid(child, &ended, 0);
      return ended;
    });
  });

  CHECK(status == 0);
}
#endif

}  // namespace
}  // namespace greenroom::test
