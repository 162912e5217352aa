// Hub::post(): how other threads have things done on a hub.

#include "../../support/catch2.hpp"
#include "../../support/dies.hpp"
#include "../../support/run_hub.hpp"

#include <greenroom/runtime/core/errors.hpp>
#include <greenroom/runtime/core/hub.hpp>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;
using Log = std::vector<std::string>;

TEST_CASE("post: runs calls in order, outside of any greenlet",
          "[runtime][post]") {
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

TEST_CASE("post: a call that throws is reported, the hub goes on",
          "[runtime][post]") {
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

TEST_CASE("post: a call must not wait, but may do all else",
          "[runtime][post]") {
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

TEST_CASE("post: what is posted runs although a greenlet never rests",
          "[runtime][post]") {
  run_hub([&] {
    bool stop = false;
    Hub::current().post([&] { stop = true; });
    while (!stop) sleep();
    SUCCEED();
  });
}

TEST_CASE("post: what each thread posts arrives in its order",
          "[runtime][post]") {
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

TEST_CASE("post: wakes a hub from its sleep", "[runtime][post]") {
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

}  // namespace
}  // namespace greenroom::test
