// LoopExit: what happens when nothing is left that could wake anybody.

#include "../../support/catch2.hpp"
#include "../../support/dies.hpp"
#include "../../support/run_hub.hpp"

#include <greenroom/runtime/core/errors.hpp>
#include <greenroom/runtime/core/hub.hpp>
#include <greenroom/runtime/sync/event.hpp>
#include <greenroom/runtime/tasks/join.hpp>
#include <greenroom/runtime/tasks/spawn.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <stdexcept>
#include <string>
#include <thread>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;

std::string deadlock_in(const std::function<void()>& wait_for) {
  try {
    wait_for();
  } catch (const LoopExit& e) {
    return e.what();
  }
  return "no LoopExit";
}

TEST_CASE("deadlock: the main greenlet is told who waits for what",
          "[runtime][deadlock]") {
  std::string text;

  run_hub(
      [&] {  // gevent 20
        Event never;
        AsyncResult<int> no_result;
        const auto a = spawn({.name = "a"}, [&] { never.wait(); });
        const auto b = spawn({.name = "b"}, [&] { no_result.get(); });
        const auto c = spawn({.name = "c"}, [&] { joinall({a, b}); });
        sleep(2s);
        text = deadlock_in([&] { c->join(); });
        CHECK_FALSE(a->dead());  // gevent 21: nobody else is told
      },
      {.name = "stage"});

  INFO(text);
  CHECK(text.find("this would wait for ever: nothing is left on stage that "
                  "could wake one of these:\n") == 0);
  CHECK(text.find("  a waits for an event (0x") != std::string::npos);
  CHECK(text.find("  b waits for a result (0x") != std::string::npos);
  CHECK(text.find("  c waits for one of several things (0x") !=
        std::string::npos);
  CHECK(text.find("  main waits for the end of a greenlet (0x") !=
        std::string::npos);
  CHECK(text.find("), for 2 s\n") != std::string::npos);
  CHECK(text.find("), for 0 s\n") != std::string::npos);
}

TEST_CASE("deadlock: the hub goes on after it", "[runtime][deadlock]") {
  run_hub([&] {  // gevent 22, test__hub_join.TestJoin.test_join_many_times
    Event event;
    for (int i = 0; i < 3; ++i) CHECK_THROWS_AS(event.wait(), LoopExit);
    const auto waits = spawn([&] { return event.wait(), 5; });
    CHECK_THROWS_AS(waits->get(), LoopExit);
    event.set();
    CHECK(waits->get() == 5);
    sleep(1s);
  });
}

TEST_CASE("deadlock: LoopExit is a std::runtime_error", "[runtime][deadlock]") {
  run_hub([&] {  // gevent 23
    CHECK_THROWS_AS(Event().wait(), std::runtime_error);
  });
}

TEST_CASE("deadlock: a wait with a limit is not one", "[runtime][deadlock]") {
  run_hub([&] {
    Event never;
    const auto g = spawn([&] { never.wait(1h); });
    CHECK_FALSE(never.wait(1s));
    CHECK(g->join());
  });
}

TEST_CASE("deadlock: a running Timeout prevents it", "[runtime][deadlock]") {
  run_hub([&] {
    const Timeout limit = Timeout::start_new(1s);
    CHECK_THROWS_AS(Event().wait(), TimeoutError);
  });
}

TEST_CASE("deadlock: is not announced while another thread may still post",
          "[runtime][deadlock]") {
  const Hub real_time;
  Hub& hub = Hub::current();
  Event event;
  std::thread other([&] {
    // Longer than the hub sleeps before its first check for a deadlock.
    std::this_thread::sleep_for(30ms);
    hub.post([&] { event.set(); });
  });

  CHECK(event.wait());
  other.join();
}

TEST_CASE("deadlock: is announced when all other threads have ended",
          "[runtime][deadlock]") {
  const Hub real_time;
  std::thread([] { sleep(); }).join();

  CHECK_THROWS_AS(Event().wait(), LoopExit);
}

TEST_CASE("deadlock: is announced when all hubs wait for each other",
          "[runtime][deadlock]") {
  const Hub real_time;
  bool told = false;
  Hub* other_hub = nullptr;
  Event* other_stop = nullptr;
  Event ready;
  Hub& hub = Hub::current();

  std::thread other([&] {
    Event stop;
    Hub& mine = Hub::current();
    hub.post([&] {
      other_hub = &mine;
      other_stop = &stop;
      ready.set();
    });
    // The other hub may be the one that is told first.
    for (bool stopped = false; !stopped;) {
      try {
        stopped = stop.wait();
      } catch (const LoopExit&) {
      }
    }
  });
  ready.wait();
  try {
    Event().wait();
  } catch (const LoopExit&) {
    told = true;
  }
  other_hub->post([&] { other_stop->set(); });
  other.join();

  CHECK(told);
}

TEST_CASE("deadlock: a hub that waits for I/O is not in one",
          "[runtime][deadlock]") {
  const Hub real_time;
  Hub& hub = Hub::current();
  hub.add_io_user();
  Event event;
  boost::asio::steady_timer timer(hub.io_context(), 5ms);
  timer.async_wait([&](const boost::system::error_code&) { event.set(); });

  CHECK(event.wait());
  hub.remove_io_user();
}

TEST_CASE("deadlock: in a destructor, during unwinding, ends the program",
          "[runtime][deadlock]") {
  struct Waits {
    ~Waits() { Event().wait(); }
  };

  const Death death = death_of([] {
    run_hub([] {
      try {
        const Waits waits;
        throw std::runtime_error("boom");
      } catch (const std::runtime_error&) {
      }
    });
  });

  CHECK(death.signal == SIGABRT);
  CHECK(death.message.find("the main greenlet waits in a destructor, during "
                           "unwinding, where LoopExit cannot be thrown") !=
        std::string::npos);
  CHECK(death.message.find("main waits for an event") != std::string::npos);
}

}  // namespace
}  // namespace greenroom::test
