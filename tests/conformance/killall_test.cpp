// gevent's killall, number by number: conformance/README.md.

#include "../support/catch2.hpp"
#include "../support/guard.hpp"
#include "../support/run_hub.hpp"
#include "../support/victims.hpp"

#include <greenroom/runtime/tasks/join.hpp>
#include <greenroom/runtime/tasks/spawn.hpp>

#include <exception>
#include <list>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;
using Log = std::vector<std::string>;

std::exception_ptr error(const char* text) {
  return std::make_exception_ptr(std::runtime_error(text));
}

// greenlet.TestKill.test_block_killall and its sisters
TEST_CASE("gevent 64: killall() treats each as kill() does",
          "[conformance][kill]") {
  Log log;
  const auto what = error("die");

  run_hub([&] {
    const auto never_started = make_greenlet<Runs>(log);
    const GreenletPtr waits = spawn([] { sleep(100s); });
    sleep();
    const GreenletPtr unbegun = spawn([&] { log.push_back("never"); });
    const GreenletPtr later = spawn_later(1s, [&] { log.push_back("never"); });
    const std::vector<GreenletPtr> all{never_started, waits, unbegun, later};
    for (const auto& g : all)
      g->link([&](Greenlet&) { log.push_back("link"); });
    CHECK(killall(all, what));
    for (const auto& g : all) CHECK(g->exception() == what);
    CHECK(killall(all, what));
    sleep(2s);
  });

  CHECK(log == Log{"link", "link", "link", "link"});
}

TEST_CASE(
    "gevent 72: killall() kills in the order given, greenlets that never ran "
    "are dead before any other is unwound",
    "[conformance][kill]") {
  Log log;
  bool was_dead = false;

  run_hub([&] {
    GreenletPtr unbegun;
    const auto waits = [&](const char* name) {
      return spawn([&, name] {
        const Guard guard{log, name};
        try {
          sleep(100s);
        } catch (const GreenletExit&) {
          was_dead = unbegun->dead();
          throw;
        }
      });
    };
    const auto a = waits("a");
    const auto b = waits("b");
    sleep();
    unbegun = spawn([&] { log.push_back("never"); });
    CHECK(killall({b, a, unbegun}));
  });

  CHECK(log == Log{"b", "a"});
  CHECK(was_dead);
}

// greenletset.Test.test_killall_iterable_argument_non_block
TEST_CASE("gevent 73: without waiting, kills take effect at the next turn",
          "[conformance][kill]") {
  run_hub([&] {
    const std::vector<GreenletPtr> both{spawn([] { sleep(100s); }),
                                        spawn([] { sleep(100s); })};
    sleep();
    // Unlike gevent's killall(block=False), one by one.
    for (const auto& g : both) g->kill_soon();
    for (const auto& g : both) CHECK_FALSE(g->dead());
    sleep();
    for (const auto& g : both) CHECK(g->dead());
  });
}

// greenletset.Test.test_killall_iterable_argument_timeout_started,
// .test_killall_iterable_argument_timeout_not_started
TEST_CASE("gevent 74: killall() says whether some survive the limit",
          "[conformance][kill]") {
  run_hub([&](TestHub& h) {
    const auto survives = stubborn();
    sleep();
    const auto unbegun = spawn([] {});
    // Unlike gevent, which throws here and not from kill().
    CHECK_FALSE(killall({survives, unbegun}, nullptr, 1s));
    CHECK(h.elapsed() == 1s);
    CHECK(unbegun->dead());
    CHECK_FALSE(survives->dead());
    CHECK(killall({survives}, nullptr, 1s));
  });
}

// greenletset.Test.test_killall_iterable_argument_non_block,
// greenlet.TestKillallRawGreenlet.test_killall_raw
TEST_CASE("gevent 75: killall() takes any range of greenlets",
          "[conformance][kill]") {
  run_hub([&] {
    const auto waits = [] { return spawn([] { sleep(100s); }); };
    const std::list<GreenletPtr> list{waits(), waits()};
    const std::set<GreenletPtr> set{waits()};
    sleep();
    CHECK(killall(list));
    CHECK(killall(set));
    CHECK(killall(std::vector<GreenletPtr>()));
    for (const auto& g : list) CHECK(g->dead());
    CHECK((*set.begin())->dead());
  });
}

}  // namespace
}  // namespace greenroom::test
