#include "../../support/catch2.hpp"
#include "../../support/run_hub.hpp"

#include <greenroom/runtime/tasks/join.hpp>

#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;

std::vector<std::string> names_of(const std::vector<GreenletPtr>& greenlets) {
  std::vector<std::string> names;
  for (const GreenletPtr& g : greenlets) names.push_back(g->name());
  return names;
}

GreenletPtr sleeper(const char* name, Duration duration) {
  return spawn({.name = name}, [duration] { sleep(duration); });
}

GreenletPtr failing(const char* name, Duration duration) {
  return spawn({.name = name}, [name, duration] {
    sleep(duration);
    throw std::runtime_error(name);
  });
}

TEST_CASE("greenlet: join() says whether it has ended", "[runtime][greenlet]") {
  std::vector<bool> ended;

  run_hub([&](TestHub& h) {
    // gevent 87, test__greenlet.TestJoin.test_returns_none_after_timeout
    const auto g = spawn([] { sleep(3s); });
    ended.push_back(g->join(1s));
    ended.push_back(g->join(0s));
    CHECK(h.elapsed() == 1s);
    ended.push_back(g->join(5s));
    CHECK(h.elapsed() == 3s);
    ended.push_back(g->join(0s));
  });

  CHECK(ended == std::vector<bool>{false, false, true, true});
}

TEST_CASE("greenlet: joiners wake in the order they joined",
          "[runtime][greenlet]") {
  std::vector<int> log;

  run_hub([&] {  // gevent 93
    const auto g = spawn([] { sleep(1s); });
    std::vector<GreenletPtr> joiners;
    for (int i = 0; i < 5; ++i)
      joiners.push_back(spawn([&, i] { g->join(), log.push_back(i); }));
    joinall(joiners);
  });

  CHECK(log == std::vector<int>{0, 1, 2, 3, 4});
}

TEST_CASE("greenlet: join() and get() of a dead one do not give way",
          "[runtime][greenlet]") {
  std::vector<std::string> log;

  run_hub([&] {  // gevent 92
    const auto g = spawn([] { return 5; });
    g->join();
    spawn([&] { log.push_back("other"); });
    g->join();
    g->get();
    log.push_back("joiner");
  });

  CHECK(log == std::vector<std::string>{"joiner", "other"});
}

TEST_CASE("greenlet: joining or getting itself throws SelfJoinError",
          "[runtime][greenlet]") {
  int errors = 0;

  run_hub([&] {  // unlike gevent 106, where it waits for ever
    const auto joins_itself = spawn([&] {
      try {
        current().join();
      } catch (const SelfJoinError&) {
        ++errors;
      }
      current().get();
    });
    CHECK_THROWS_AS(joins_itself->get(), SelfJoinError);
    CHECK_THROWS_AS(current().join(), SelfJoinError);  // the main greenlet
  });

  CHECK(errors == 1);
}

TEST_CASE("joinall: gives them in the order in which they ended",
          "[runtime][join]") {
  std::vector<std::string> names;

  run_hub([&](TestHub& h) {  // gevent 98
    names = names_of(
        joinall({sleeper("c", 3s), sleeper("a", 1s), sleeper("b", 2s)}));
    CHECK(h.elapsed() == 3s);
  });

  CHECK(names == std::vector<std::string>{"a", "b", "c"});
}

TEST_CASE("joinall: after the limit gives those that have ended",
          "[runtime][join]") {
  std::vector<std::string> names;

  run_hub([&](TestHub& h) {  // gevent 98
    names = names_of(joinall({sleeper("c", 3s), sleeper("a", 1s)}, 2s));
    CHECK(h.elapsed() == 2s);
  });

  CHECK(names == std::vector<std::string>{"a"});
}

TEST_CASE("joinall: comes back after `count` of them, failed ones included",
          "[runtime][join]") {
  std::vector<std::string> names;

  run_hub([&](TestHub& h) {
    // gevent 96, test__greenlet.TestStuff.test_joinall_count_raise_error
    const std::vector<GreenletPtr> all{sleeper("c", 3s), failing("b", 2s),
                                       sleeper("a", 1s)};
    names = names_of(joinall(all, forever, RaiseError::no, 2));
    CHECK(h.elapsed() == 2s);
    CHECK(joinall(all, forever, RaiseError::no, 0).empty());
    CHECK_FALSE(all[1]->successful());
  });

  CHECK(names == std::vector<std::string>{"a", "b"});
}

TEST_CASE("joinall: throws the failure that came first, others run on",
          "[runtime][join]") {
  run_hub([&](TestHub& h) {
    // gevent 94, 95, test__greenlet.TestStuff.test_joinall_exception_order
    const auto later = failing("later", 2s);
    const auto first = failing("first", 1s);
    const auto goes_on = sleeper("goes on", 3s);
    CHECK_THROWS_WITH(joinall({later, goes_on, first}, forever, raise_error),
                      "first");
    CHECK(h.elapsed() == 1s);
    CHECK_FALSE(goes_on->dead());
    CHECK(joinall({later, goes_on, first}).size() == 3);
    CHECK_FALSE(later->successful());
  });
}

TEST_CASE("joinall: a killed one is no failure", "[runtime][join]") {
  run_hub([&] {
    const auto g = sleeper("g", 1s);
    g->kill_soon();
    CHECK(joinall({g}, forever, raise_error).size() == 1);
  });
}

TEST_CASE("joinall: takes one greenlet twice", "[runtime][join]") {
  run_hub([&] {  // gevent 97, test__joinall.Test.test
    const auto g = sleeper("g", 1s);
    CHECK(joinall({g, g}).size() == 2);
    CHECK(joinall({g, g}).size() == 2);  // dead by now
  });
}

TEST_CASE("joinall: of nothing comes back at once", "[runtime][join]") {
  std::vector<std::string> log;

  run_hub([&] {  // gevent 105
    spawn([&] { log.push_back("other"); });
    CHECK(joinall(std::vector<GreenletPtr>()).empty());
    CHECK(wait(std::vector<WaitableRef>()).empty());
    log.push_back("main");
  });

  CHECK(log == std::vector<std::string>{"main", "other"});
}

TEST_CASE("joinall: takes any range of handles", "[runtime][join]") {
  run_hub([&] {
    const std::set<GreenletPtrOf<int>> numbers{spawn([] { return 1; }),
                                               spawn([] { return 2; })};
    CHECK(joinall(numbers).size() == 2);
    for (const auto& g : numbers) CHECK(g->value() != nullptr);
  });
}

TEST_CASE("joinall: the joiner may be killed, the others run on",
          "[runtime][join]") {
  run_hub([&] {
    const auto a = sleeper("a", 1s);
    const auto joiner = spawn([&] { joinall({a}); });
    sleep();
    CHECK(joiner->kill());
    CHECK(a->join());
  });
}

TEST_CASE(
    "with_joined: gives what the function returned, moved or by reference",
    "[runtime][join]") {
  run_hub([&] {
    const auto g = sleeper("g", 1s);
    const auto result = with_joined(g, [] { return std::make_unique<int>(5); });
    CHECK(*result == 5);
    CHECK(g->dead());
    int there = 7;
    CHECK(&with_joined(g, [&]() -> int& { return there; }) == &there);
  });
}

TEST_CASE("wait: takes greenlets, events and results alike",
          "[runtime][join]") {
  run_hub([&] {  // gevent 99, test__event.TestWait
    Event event;
    AsyncResult<int> result;
    const auto g = sleeper("g", 3s);
    spawn_later(1s, [&] { result.set(1); });
    spawn_later(2s, [&] { event.set(); });
    const auto done = wait({g, event, &result});
    CHECK(done == std::vector<Waitable*>{&result, &event, g.get()});
  });
}

TEST_CASE("wait: for a set event works again and again", "[runtime][join]") {
  run_hub([&] {
    // gevent 101,
    // test__event.TestEventBasics.test_gevent_wait_twice_when_already_set
    Event event;
    event.set();
    CHECK(wait({event}).size() == 1);
    CHECK(wait({event}).size() == 1);
  });
}

TEST_CASE("wait: gives at most `count`, at least what is ready in time",
          "[runtime][join]") {
  run_hub([&](TestHub& h) {  // gevent 99, test__event.TestWait.test_wait_count
    std::vector<GreenletPtr> all;
    for (int i = 1; i <= 4; ++i) all.push_back(sleeper("g", i * 1s));
    const std::vector<WaitableRef> objects(all.begin(), all.end());
    CHECK(wait(objects, forever, 2).size() == 2);
    CHECK(h.elapsed() == 2s);
    CHECK(wait(objects, 0s).size() == 2);
    CHECK(wait(objects, 1s).size() == 3);
    CHECK(wait(objects, forever, 100).size() == 4);
  });
}

TEST_CASE("iwait: gives the objects as they become ready", "[runtime][join]") {
  std::vector<std::string> log;

  run_hub([&] {  // gevent 102, 104
    const auto a = sleeper("a", 3s);
    const auto b = sleeper("b", 1s);
    const auto c = sleeper("c", 2s);
    for (Waitable* done : iwait({a, b, c})) {
      log.push_back(static_cast<Greenlet*>(done)->name());
      sleep(500ms);  // switching in between is fine
    }
  });

  CHECK(log == std::vector<std::string>{"b", "c", "a"});
}

TEST_CASE("iwait: remembers what became ready between two steps",
          "[runtime][join]") {
  run_hub([&](TestHub& h) {
    const auto a = sleeper("a", 1s);
    const auto b = sleeper("b", 2s);
    MultiWait objects({a, b});
    CHECK(objects.next() == a.get());
    sleep(5s);
    CHECK(objects.next() == b.get());
    CHECK(h.elapsed() == 6s);
    CHECK(objects.next() == nullptr);
  });
}

TEST_CASE("iwait: the limit counts from its making", "[runtime][join]") {
  run_hub([&](TestHub& h) {
    const auto a = sleeper("a", 1s);
    const auto b = sleeper("b", 9s);
    MultiWait objects({a, b}, 3s);
    CHECK(objects.next() == a.get());
    CHECK(objects.next() == nullptr);
    CHECK(h.elapsed() == 3s);
  });
}

TEST_CASE("iwait: leaving early leaves nothing behind", "[runtime][join]") {
  run_hub([&] {  // gevent 103, test__iwait.Testiwait.test_iwait_partial
    Event event;
    const auto a = sleeper("a", 1s);
    for (Waitable* done : iwait({event, a})) {
      CHECK(done == a.get());
      break;
    }
    event.set();
    sleep(2s);
  });
}

TEST_CASE("wait: without objects waits until nothing is left to do",
          "[runtime][join]") {
  run_hub([&](TestHub& h) {
    // gevent 25, test__hub_join_timeout.Test.test_callback, .test_later
    CHECK(wait());
    CHECK(h.elapsed() == 0s);
    const auto g = sleeper("g", 3s);
    CHECK_FALSE(wait(1s));
    CHECK(h.elapsed() == 1s);
    CHECK(wait(5s));
    CHECK(h.elapsed() == 3s);
    CHECK(g->dead());
    CHECK(wait());  // gevent 27: any number of times
  });
}

TEST_CASE("wait: without objects does not wait for those who wait for ever",
          "[runtime][join]") {
  run_hub([&] {
    Event never;
    const auto g = spawn([&] { never.wait(); });
    CHECK(wait());
    CHECK_FALSE(g->dead());
  });
}

TEST_CASE("wait: without objects is for the main greenlet only",
          "[runtime][join]") {
  run_hub([&] {  // gevent 27
    CHECK_THROWS_AS(spawn([] { wait(); })->get(), std::logic_error);
  });
}

}  // namespace
}  // namespace greenroom::test
