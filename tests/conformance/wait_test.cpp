// gevent's join, get, joinall, wait and iwait, number by number:
// conformance/README.md.

#include "../support/catch2.hpp"
#include "../support/run_hub.hpp"

#include <greenroom/runtime/sync/async_result.hpp>
#include <greenroom/runtime/sync/event.hpp>
#include <greenroom/runtime/sync/semaphore.hpp>
#include <greenroom/runtime/tasks/join.hpp>
#include <greenroom/runtime/tasks/spawn.hpp>

#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;
using Log = std::vector<std::string>;

struct TooLong : std::runtime_error {
  using std::runtime_error::runtime_error;
};

GreenletPtr sleeper(Duration time) {
  return spawn([time] { sleep(time); });
}

GreenletPtr failing(const char* text, Duration time) {
  return spawn([text, time] {
    sleep(time);
    throw std::runtime_error(text);
  });
}

// greenlet.TestJoin.test_returns_none_after_timeout
TEST_CASE("gevent 87: join() with a limit returns, the greenlet goes on",
          "[conformance][wait]") {
  run_hub([&](TestHub& h) {
    const auto g = sleeper(5s);
    // Unlike gevent, it says whether the greenlet has ended.
    CHECK_FALSE(g->join(1s));
    CHECK(h.elapsed() == 1s);
    CHECK_FALSE(g->dead());
    CHECK(g->join());
    CHECK(h.elapsed() == 5s);
  });
}

// greenlet.TestGet.test_raises_timeout_number, _Timeout,
// _Timeout_exc_customized
TEST_CASE("gevent 88: get() throws when time is up, the greenlet goes on",
          "[conformance][wait]") {
  run_hub([&] {
    const auto g = spawn([] { return sleep(5s), 7; });
    CHECK_THROWS_AS(g->get(1s), TimeoutError);
    {
      const Timeout limit = Timeout::start_new<TooLong>(1s, "customized");
      CHECK_THROWS_WITH(g->get(), "customized");
    }
    CHECK_FALSE(g->dead());
    CHECK(g->get() == 7);
  });
}

// test_outer_timeout_is_not_lost, in every test of a wait
TEST_CASE("gevent 89: an outer Timeout is not lost in an inner wait",
          "[conformance][wait]") {
  const auto is_not_lost_in = [](const std::function<void(GreenletPtr)>& wait) {
    bool outer_came = false;
    run_hub([&] {
      const auto g = sleeper(100s);
      const Timeout outer = Timeout::start_new(1s);
      try {
        wait(g);
      } catch (const TimeoutError& e) {
        outer_came = e.is(outer);
      }
      g->kill();
    });
    return outer_came;
  };

  CHECK(is_not_lost_in([](GreenletPtr) { sleep(5s); }));
  CHECK(is_not_lost_in([](GreenletPtr g) { g->join(5s); }));
  CHECK(is_not_lost_in([](GreenletPtr g) { g->get(5s); }));
  CHECK(is_not_lost_in([](GreenletPtr g) { joinall({g}, 5s); }));
  CHECK(is_not_lost_in([](GreenletPtr g) { wait({g}, 5s); }));
  CHECK(is_not_lost_in([](GreenletPtr) { Event().wait(5s); }));
  CHECK(is_not_lost_in([](GreenletPtr) { AsyncResult<int>().wait(5s); }));
  CHECK(is_not_lost_in([](GreenletPtr) { AsyncResult<int>().get(5s); }));
}

TEST_CASE(
    "gevent 90: value() and get() without time say at once that the greenlet "
    "lives",
    "[conformance][wait]") {
  run_hub([&](TestHub& h) {
    const auto g = spawn([] { return sleep(5s), 7; });
    CHECK(g->value() == nullptr);
    CHECK_THROWS_AS(g->get(0s), TimeoutError);
    CHECK(h.elapsed() == 0s);
  });
}

TEST_CASE("gevent 91: get() throws the same exception object each time",
          "[conformance][wait]") {
  const auto thrown_by = [](Greenlet& g) {
    try {
      g.get();
    } catch (...) {
      return std::current_exception();
    }
    return std::exception_ptr();
  };

  run_hub([&] {
    const auto fails = failing("boom", 0s);
    CHECK(thrown_by(*fails) != nullptr);
    CHECK(thrown_by(*fails) == thrown_by(*fails));
    // Unlike gevent, which returns it, get() throws the GreenletExit.
    const auto killed = sleeper(1s);
    killed->kill();
    CHECK_THROWS_AS(killed->get(), GreenletExit);
  });
}

TEST_CASE("gevent 92: join() and get() of an ended greenlet do not give way",
          "[conformance][wait]") {
  Log log;

  run_hub([&] {
    const auto g = spawn([] {});
    g->join();
    const auto other = spawn([&] { log.push_back("other"); });
    g->join();
    g->get();
    log.push_back("main");
    other->join();
  });

  CHECK(log == Log{"main", "other"});
}

TEST_CASE("gevent 93: joiners wake in the order in which they joined",
          "[conformance][wait]") {
  Log log;

  run_hub([&] {
    const auto g = sleeper(1s);
    const auto joiner = [&](const char* name) {
      return spawn([&log, g, name] { g->join(), log.push_back(name); });
    };
    joinall({joiner("first"), joiner("second"), joiner("third")});
  });

  CHECK(log == Log{"first", "second", "third"});
}

// greenlet.TestStuff.test_joinall_exception_order
TEST_CASE("gevent 94: joinall() throws no failure unless asked to",
          "[conformance][wait]") {
  run_hub([&] {
    const auto fails = failing("boom", 1s);
    CHECK(joinall({fails, sleeper(2s)}).size() == 2);
    CHECK_FALSE(fails->successful());
  });
}

// greenlet.TestStuff.test_joinall_exception_order, .test_wait_error
TEST_CASE("gevent 95: joinall(raise_error) throws the first failure, at once",
          "[conformance][wait]") {
  run_hub([&](TestHub& h) {
    const auto second = failing("second", 2s);
    const auto first = failing("first", 1s);
    const auto runs_on = sleeper(3s);
    CHECK_THROWS_WITH(joinall({second, first, runs_on}, forever, raise_error),
                      "first");
    CHECK(h.elapsed() == 1s);
    CHECK_FALSE(second->dead());
    CHECK(runs_on->join());
    CHECK_FALSE(second->successful());
  });
}

// greenlet.TestStuff.test_joinall_count_raise_error
TEST_CASE("gevent 96: joinall(count) counts failed greenlets, too",
          "[conformance][wait]") {
  run_hub([&](TestHub& h) {
    const auto fails = failing("boom", 1s);
    const std::vector<GreenletPtr> all{sleeper(5s), fails, sleeper(2s)};
    CHECK(joinall(all, forever, RaiseError::no, 1).front() == fails);
    CHECK(h.elapsed() == 1s);
    CHECK_FALSE(fails->successful());
  });
}

// joinall.Test.test
TEST_CASE("gevent 97: joinall() of one greenlet twice gives it twice",
          "[conformance][wait]") {
  run_hub([&] {
    const auto g = sleeper(1s);
    CHECK(joinall({g, g}) == std::vector<GreenletPtr>{g, g});
  });
}

TEST_CASE(
    "gevent 98: results come in the order of completion, after a limit, only "
    "those that are done",
    "[conformance][wait]") {
  run_hub([&] {
    const auto a = sleeper(3s);
    const auto b = sleeper(1s);
    const auto c = sleeper(2s);
    CHECK(joinall({a, b, c}, 2500ms) == std::vector<GreenletPtr>{b, c});
    CHECK(wait({a, b, c}).size() == 3);
    CHECK(wait({a, b, c}, 0s).size() == 3);
  });
}

// event.TestWait and its sisters
TEST_CASE(
    "gevent 99: wait() takes greenlets, events and results alike, and returns "
    "at most `count`",
    "[conformance][wait]") {
  run_hub([&](TestHub& h) {
    Event event;
    AsyncResult<int> result;
    const auto g = sleeper(3s);
    spawn_later(1s, [&] { event.set(); });
    spawn_later(2s, [&] { result.set(5); });
    CHECK(wait({g, event, result}, 500ms).empty());
    CHECK(wait({g, event, result}, forever, 2) ==
          std::vector<Waitable*>{&event, &result});
    CHECK(h.elapsed() == 2s);
    CHECK(wait({g, event, result}).size() == 3);
    CHECK(h.elapsed() == 3s);
  });
}

// semaphore.TestSemaphore.test_rawlink_on_unacquired_runs_notifiers
TEST_CASE("gevent 100: wait() for a semaphore takes no permit",
          "[conformance][wait]") {
  run_hub([&](TestHub& h) {
    Semaphore semaphore{1};
    CHECK(wait({semaphore}) == std::vector<Waitable*>{&semaphore});
    CHECK(semaphore.counter() == 1);

    semaphore.acquire();
    spawn_later(1s, [&] { semaphore.release(); });
    CHECK(wait({semaphore}) == std::vector<Waitable*>{&semaphore});
    CHECK(h.elapsed() == 1s);
    CHECK(semaphore.counter() == 1);
  });
}

// event.TestEventBasics.test_gevent_wait_twice_when_already_set
TEST_CASE("gevent 101: wait() for a set event works again and again",
          "[conformance][wait]") {
  run_hub([&] {
    Event event;
    event.set();
    for (int i = 0; i < 2; ++i)
      CHECK(wait({event}) == std::vector<Waitable*>{&event});
  });
}

// iwait.Testiwait.test_noiter
TEST_CASE(
    "gevent 102: iwait() gives what is ready next, with or without a loop",
    "[conformance][wait]") {
  run_hub([&] {
    const auto a = sleeper(2s);
    const auto b = sleeper(1s);
    auto objects = iwait({a, b});
    CHECK(objects.next() == b.get());
    CHECK(objects.next() == a.get());
    CHECK(objects.next() == nullptr);

    std::vector<Waitable*> seen;
    for (Waitable* done : iwait({a, b})) seen.push_back(done);
    CHECK(seen.size() == 2);
  });
}

// iwait.Testiwait.test_iwait_partial, .test_iwait_nogarbage
TEST_CASE("gevent 103: iwait() left early leaves nothing behind",
          "[conformance][wait]") {
  run_hub([&](TestHub& h) {
    Event never;
    Event late;
    const auto first = sleeper(1s);
    for (Waitable* done : iwait({never, first, late})) {
      CHECK(done == first.get());
      break;
    }
    // If the wait were still listed, set() would touch freed memory.
    late.set();
    never.set();
    h.advance(1s);
    CHECK(wait({late, never}).size() == 2);
  });
}

TEST_CASE("gevent 104: switching between two items of iwait() is fine",
          "[conformance][wait]") {
  std::vector<Waitable*> seen;

  run_hub([&] {
    const auto a = sleeper(1s);
    const auto b = sleeper(2s);
    for (Waitable* done : iwait({a, b})) {
      seen.push_back(done);
      sleep(5s);
      spawn([] {})->join();
    }
    CHECK(seen == std::vector<Waitable*>{a.get(), b.get()});
  });
}

TEST_CASE("gevent 105: a wait for nothing returns at once",
          "[conformance][wait]") {
  Log log;

  run_hub([&] {
    const auto other = spawn([&] { log.push_back("other"); });
    CHECK(wait(std::vector<WaitableRef>()).empty());
    CHECK(joinall(std::vector<GreenletPtr>()).empty());
    log.push_back("main");
    other->join();
  });

  CHECK(log == Log{"main", "other"});
}

TEST_CASE("gevent 106: a greenlet that joins itself gets an error",
          "[conformance][wait]") {
  run_hub([&] {
    // Unlike gevent, where it never returns.
    const auto g = spawn([] { current().join(); });
    CHECK_THROWS_AS(g->get(), SelfJoinError);
    CHECK_THROWS_AS(current().join(), SelfJoinError);
  });
}

}  // namespace
}  // namespace greenroom::test
