#include "../../support/catch2.hpp"
#include "../../support/run_hub.hpp"

#include <greenroom/runtime/core/errors.hpp>
#include <greenroom/runtime/core/hub.hpp>
#include <greenroom/runtime/core/report.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;
using Log = std::vector<std::string>;

TEST_CASE("hub: a thread has one, a second one is refused", "[runtime][hub]") {
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
    // A post runs when the hub looks for it. What it spawns is ready before
    // what the timers make ready.
    hub.post([&] { spawn([&] { log.push_back("posted"); }); });
    spawn([&] { log.push_back("ready"); });
    sleep(1s);
    hub.remove_io_user();
  });

  // The I/O handler itself runs in the pass; the greenlets after it.
  CHECK(log == Log{"ready", "I/O", "posted", "timer"});
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

TEST_CASE(
    "hub: a spawn callback hears of all that starts, links and actors "
    "included",
    "[runtime][hub]") {
  struct Idler : Actor {};
  Log log;

  run_hub([&] {
    Hub& hub = Hub::current();
    const auto token = hub.add_spawn_callback([&](Greenlet& g) {
      log.push_back(g.owns_inbox() ? "actor" : "greenlet");
    });
    const auto g = spawn([] {});
    g->link([](Greenlet&) {});
    sleep();
    const auto actor = spawn<Idler>();
    hub.remove_spawn_callback(token);
    actor.stop();
  });

  CHECK(log == Log{"greenlet", "greenlet", "actor"});
}

TEST_CASE("hub: spawn callbacks must not wait, may throw, spawn and be removed",
          "[runtime][hub]") {
  Log log;

  run_hub(
      [&] {
        Hub& hub = Hub::current();
        SpawnCallback once{};
        once = hub.add_spawn_callback([&](Greenlet&) {
          hub.remove_spawn_callback(once);
          spawn([&] { log.push_back("child"); });
        });
        const auto waits = hub.add_spawn_callback([](Greenlet&) { sleep(); });
        spawn([&] { log.push_back("greenlet"); });
        hub.remove_spawn_callback(waits);
        sleep();
      },
      {.name = "stage",
       .handle_error = [&](const std::string& who, const std::exception_ptr&) {
         log.push_back(who);
       }});

  CHECK(log == Log{"a spawn callback of stage", "a spawn callback of stage",
                   "child", "greenlet"});
}

TEST_CASE("hub: handle_error must not wait, but may do all else",
          "[runtime][hub]") {
  Log log;
  const auto fail = [] { throw std::runtime_error("boom"); };

  run_hub(
      [&] {
        spawn({.name = "unheard"}, fail);
        sleep();
        auto held = spawn({.name = "held"}, fail);
        held->join();
        held.reset();
        Hub::current().post(fail);
        sleep(1s);
      },
      {.name = "stage",
       .handle_error = [&](const std::string& who,
                           const std::exception_ptr& what) {
         log.push_back(who + ": " + detail::describe(what));
         try {
           sleep();
         } catch (const BlockingSwitchOutError&) {
           spawn([&] { log.push_back("spawned"); });
         }
       }});

  CHECK(log == Log{"unheard: std::runtime_error: boom", "spawned",
                   "held: std::runtime_error: boom", "spawned",
                   "a call posted to stage: std::runtime_error: boom",
                   "spawned"});
}

}  // namespace
}  // namespace greenroom::test
