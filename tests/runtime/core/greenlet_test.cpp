#include "../../support/catch2.hpp"
#include "../../support/dies.hpp"
#include "../../support/run_hub.hpp"

#include <greenroom/runtime/core/greenlet.hpp>

#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;

// A greenlet with a result that is not started yet.
class Answer : public GreenletOf<int> {
 public:
  explicit Answer(int value, Duration delay = 0s)
      : answer_(value), delay_(delay) {}

 private:
  void run() override {
    sleep(delay_);
    value_ = answer_;
  }

  const int answer_;
  const Duration delay_;
};

std::string state_of(const GreenletOf<int>& g) {
  std::string words = g.started() ? "started" : "not started";
  if (g.ready()) words += ", ready";
  if (g.dead()) words += ", dead";
  if (g.successful()) words += ", successful";
  if (g.value() != nullptr) words += ", value " + std::to_string(*g.value());
  if (g.exception() != nullptr) words += ", exception";
  return words;
}

// The table of gevent's states: test__greenlet.TestBasic.test_simple_exit and
// .test_error_exit, TestStart.test_start.
TEST_CASE("greenlet: tells its state, from created to returned",
          "[runtime][greenlet]") {
  std::vector<std::string> states;

  run_hub([&] {
    const auto g = make_greenlet<Answer>(7, 1s);
    states.push_back(state_of(*g));  // created
    g->start();
    states.push_back(state_of(*g));  // scheduled
    sleep();
    states.push_back(state_of(*g));  // blocked
    g->join();
    states.push_back(state_of(*g));  // returned
  });

  CHECK(states == std::vector<std::string>{
                      "not started", "started", "started",
                      "not started, ready, dead, successful, value 7"});
}

TEST_CASE("greenlet: tells its state while it runs", "[runtime][greenlet]") {
  std::string running;

  run_hub([&] {
    GreenletPtrOf<int> g;
    g = spawn([&] {
      running = state_of(*g);
      return 1;
    });
    g->join();
  });

  CHECK(running == "started");  // gevent 42
}

TEST_CASE("greenlet: tells its state after failure and kill",
          "[runtime][greenlet]") {
  std::string failed;
  std::string killed;
  std::string killed_with_error;

  run_hub([&] {
    auto fails = spawn([]() -> int { throw std::runtime_error("boom"); });
    fails->join();
    failed = state_of(*fails);

    auto exits = make_greenlet<Answer>(1, 1s);
    exits->start();
    sleep();
    exits->kill();
    killed = state_of(*exits);

    auto dies = make_greenlet<Answer>(1, 1s);
    dies->start();
    sleep();
    dies->kill(std::make_exception_ptr(std::runtime_error("die")));
    killed_with_error = state_of(*dies);
  });

  CHECK(failed == "not started, ready, dead, exception");
  // Unlike gevent, the GreenletExit is not its value: it has none.
  CHECK(killed == "not started, ready, dead, successful");
  CHECK(killed_with_error == "not started, ready, dead, exception");
}

TEST_CASE("greenlet: start() a second time does nothing",
          "[runtime][greenlet]") {
  int runs = 0;

  class Counts : public Greenlet {
   public:
    explicit Counts(int& runs) : runs_(runs) {}

   private:
    void run() override { ++runs_; }
    int& runs_;
  };

  run_hub([&] {  // gevent 37, test__greenlet.TestStart.test_start
    const auto g = make_greenlet<Counts>(runs);
    g->start();
    g->start();
    sleep();
    g->start();
    g->start_later(1s);
    sleep(2s);
  });

  CHECK(runs == 1);
}

TEST_CASE("greenlet: start_later() begins after the delay",
          "[runtime][greenlet]") {
  std::vector<std::string> states;
  Duration ended{};

  run_hub([&](TestHub& h) {
    const auto g = make_greenlet<Answer>(7);
    g->start_later(3s);
    states.push_back(state_of(*g));
    h.advance(2s);
    states.push_back(state_of(*g));
    g->join();
    ended = h.elapsed();
  });

  CHECK(states == std::vector<std::string>{"started", "started"});
  CHECK(ended == 3s);
}

TEST_CASE("greenlet: a failure stays inside, others go on",
          "[runtime][greenlet]") {
  std::vector<std::string> log;

  run_hub([&] {  // gevent 39, test__systemerror.TestSpawn.test_exception
    auto fails = spawn([] { throw std::runtime_error("boom"); });
    auto goes_on = spawn([&] { log.push_back("sibling"); });
    joinall({fails, goes_on});
    log.push_back("spawner");
    CHECK_FALSE(fails->successful());
  });

  CHECK(log == std::vector<std::string>{"sibling", "spawner"});
}

TEST_CASE("greenlet: get() throws the same exception object each time",
          "[runtime][greenlet]") {
  const std::exception* first = nullptr;
  const std::exception* second = nullptr;

  run_hub([&] {  // gevent 91
    const auto g = spawn([] { throw std::runtime_error("boom"); });
    try {
      g->get();
    } catch (const std::runtime_error& e) {
      first = &e;
    }
    try {
      g->get();
    } catch (const std::runtime_error& e) {
      second = &e;
    }
  });

  CHECK(first != nullptr);
  CHECK(first == second);
}

TEST_CASE("greenlet: get() throws TimeoutError when time is up",
          "[runtime][greenlet]") {
  run_hub([&] {  // gevent 88, test__greenlet.TestGet.test_raises_timeout_number
    const auto g = spawn([] { return sleep(2s), 5; });
    CHECK_THROWS_AS(g->get(1s), TimeoutError);
    CHECK_THROWS_AS(g->get(0s), TimeoutError);
    CHECK(g->get() == 5);  // it went on
  });
}

TEST_CASE("greenlet: get() of a killed one throws the GreenletExit",
          "[runtime][greenlet]") {
  run_hub([&] {  // unlike gevent 91, which returns it
    const auto g = spawn([] { return sleep(2s), 5; });
    sleep();
    g->kill();
    CHECK_THROWS_AS(g->get(), GreenletExit);
  });
}

TEST_CASE("greenlet: runs on when its last handle goes while it is parked",
          "[runtime][greenlet]") {
  bool ended = false;

  run_hub([&] {  // Trap 7; gevent 35
    auto g = spawn([&] { sleep(1s), ended = true; });
    sleep();
    g.reset();
    sleep(2s);
  });

  CHECK(ended);
}

TEST_CASE("greenlet: may drop the last handle of itself while it runs",
          "[runtime][greenlet]") {
  bool ended = false;

  run_hub([&] {
    GreenletPtr g;
    g = spawn([&] {
      g.reset();
      sleep(1s);
      ended = current().started();
    });
    sleep(2s);
  });

  CHECK(ended);
}

TEST_CASE("greenlet: 500 nested joins work", "[runtime][greenlet]") {
  int deepest = 0;

  run_hub([&] {  // gevent 56
    struct Nest {
      static int down(int depth) {
        if (depth == 0) return 0;
        return 1 + spawn(&Nest::down, depth - 1)->get();
      }
    };
    deepest = Nest::down(500);
  });

  CHECK(deepest == 500);
}

TEST_CASE("greenlet: is named after its id unless it is given a name",
          "[runtime][greenlet]") {
  run_hub([&] {  // gevent 45, 46
    const auto g = spawn([] {});
    CHECK(g->name() == "Greenlet-" + std::to_string(g->id()));
    g->set_name("worker");
    CHECK(g->name() == "worker");
    g->join();
    CHECK(g->name() == "worker");
    CHECK(current().name() == "main");
  });
}

TEST_CASE("greenlet: ids differ and count from the main greenlet's 1",
          "[runtime][greenlet]") {
  run_hub([&] {  // gevent 44; unlike there, they are not reused
    CHECK(current().id() == 1);
    CHECK(current().parent_id() == 0);
    const auto a = spawn([] { return spawn([] {}); });
    const auto b = spawn([] {});
    CHECK(a->id() != b->id());
    CHECK(a->parent_id() == 1);
    CHECK(a->take()->parent_id() == a->id());  // gevent 47
  });
}

TEST_CASE("greenlet: tells what it waits for, while it is parked",
          "[runtime][greenlet]") {
  run_hub([&] {
    Event event;
    const auto g = spawn([&] { event.wait(), sleep(); });
    CHECK(g->waiting() == nullptr);
    sleep();
    REQUIRE(g->waiting() != nullptr);
    CHECK(g->waiting()->reason->what == std::string("an event"));
    CHECK(g->waiting()->object == &event);
    CHECK(g->waiting()->greenlet == g.get());
    event.set();
    CHECK(g->waiting() == nullptr);  // ready
    g->join();
    CHECK(g->waiting() == nullptr);
  });
}

TEST_CASE("greenlet: use from another thread aborts with a sentence",
          "[runtime][greenlet]") {
  const auto misuse = [](auto call) {
    return death_of([&] {
      run_hub([&] {
        const auto g = spawn([] {});
        std::thread([&] { call(*g); }).join();
      });
    });
  };

  const Death start = misuse([](Greenlet& g) { g.start(); });
  CHECK(start.signal == SIGABRT);
  CHECK(start.message.find("greenroom: Greenlet::start called from a thread "
                           "without a hub, but the object belongs to hub") ==
        0);
  CHECK(start.message.find("use Hub::post()") != std::string::npos);

  CHECK(misuse([](Greenlet& g) { g.start_later(1s); }).signal == SIGABRT);
  CHECK(misuse([](Greenlet& g) { g.join(); }).signal == SIGABRT);
  CHECK(misuse([](Greenlet& g) { g.get(); }).signal == SIGABRT);
  CHECK(misuse([](Greenlet& g) { g.kill(); }).signal == SIGABRT);
  CHECK(misuse([](Greenlet& g) { g.kill_soon(); }).signal == SIGABRT);
  CHECK(misuse([](Greenlet& g) { g.link([](Greenlet&) {}); }).signal ==
        SIGABRT);
}

TEST_CASE("greenlet: a misuse from another hub's thread names both hubs",
          "[runtime][greenlet]") {
  const Death death = death_of([] {
    run_hub(
        [] {
          const auto g = spawn([] {});
          std::thread([&] {
            run_hub([&] { g->join(); }, {.name = "bar"});
          }).join();
        },
        {.name = "stage"});
  });

  CHECK(death.signal == SIGABRT);
  CHECK(death.message.find("Greenlet::join called from the thread of bar, but "
                           "the object belongs to stage") != std::string::npos);
}

TEST_CASE("greenlet: the handle of a dead one may go on another thread",
          "[runtime][greenlet]") {
  run_hub([&] {
    GreenletPtr g = spawn([] {});
    g->join();
    std::thread([&] { g.reset(); }).join();
    CHECK(g == nullptr);
  });
}

}  // namespace
}  // namespace greenroom::test
