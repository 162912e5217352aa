#include "../../support/catch2.hpp"
#include "../../support/dies.hpp"
#include "../../support/run_hub.hpp"

#include <greenroom/runtime/sync/joinable_queue.hpp>
#include <greenroom/runtime/tasks/join.hpp>
#include <greenroom/runtime/tasks/spawn.hpp>

#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;
using Log = std::vector<std::string>;

TEST_CASE("joinable queue: join() waits for the last task",
          "[runtime][joinable_queue]") {
  Log log;

  run_hub([&] {
    JoinableQueue<int> queue;
    const auto worker = spawn([&] {
      for (const int task : queue) {
        sleep(1s);
        log.push_back("done " + std::to_string(task));
        queue.task_done();
      }
    });
    for (int i = 0; i < 3; ++i) queue.put(i);
    CHECK(queue.unfinished_tasks() == 3);
    queue.join();
    log.push_back("all");
    queue.close();
    worker->join();
  });

  CHECK(log == Log{"done 0", "done 1", "done 2", "all"});
}

TEST_CASE("joinable queue: join() says whether it was in time",
          "[runtime][joinable_queue]") {
  run_hub([&] {
    JoinableQueue<int> queue;
    CHECK(queue.join(0s));
    queue.put(1);
    CHECK_FALSE(queue.join(1s));
    queue.get();
    CHECK_FALSE(queue.join(1s));
    queue.task_done();
    CHECK(queue.join(1s));
  });
}

TEST_CASE("joinable queue: joiners wake in the order in which they came",
          "[runtime][joinable_queue]") {
  Log log;

  run_hub([&] {
    JoinableQueue<int> queue(0, {1});
    const auto join = [&](const char* name) {
      queue.join();
      log.push_back(name);
    };
    const auto a = spawn(join, "a");
    const auto killed = spawn(join, "killed");
    const auto b = spawn(join, "b");
    sleep();
    killed->kill();
    queue.task_done();
    joinall({a, b});
  });

  CHECK(log == Log{"a", "b"});
}

TEST_CASE("joinable queue: what fails to be put or is dropped is no task",
          "[runtime][joinable_queue]") {
  run_hub([&] {
    JoinableQueue<int> queue(2, {1, 2});
    CHECK_THROWS_AS(queue.put(3, 1s), Full);
    CHECK(queue.unfinished_tasks() == 2);
    queue.get();
    CHECK(queue.clear() == 1);
    CHECK(queue.unfinished_tasks() == 1);
    queue.task_done();
    CHECK(queue.join());
    CHECK_THROWS_AS(queue.task_done(), std::logic_error);
  });
}

TEST_CASE("joinable queue: use from another thread aborts with a sentence",
          "[runtime][joinable_queue]") {
  const Death death = death_of([] {
    run_hub([] {
      JoinableQueue<int> queue;
      std::thread([&] { queue.join(); }).join();
    });
  });
  CHECK(death.signal == SIGABRT);
  CHECK(death.message.find("JoinableQueue::join called from") !=
        std::string::npos);
}

}  // namespace
}  // namespace greenroom::test
