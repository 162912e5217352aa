// gevent's greenlets, number by number: conformance/README.md.

#include "../support/catch2.hpp"
#include "../support/dies.hpp"
#include "../support/run_hub.hpp"

#include <greenroom/runtime/core/greenlet.hpp>

#include <cstdio>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;
using Log = std::vector<std::string>;

// A greenlet of a class of its own.
class Writes : public Greenlet {
 public:
  Writes(Log& log, std::string text) : log_(log), text_(std::move(text)) {}

 private:
  void run() override { log_.push_back(text_); }

  Log& log_;
  const std::string text_;
};

template <class F>
concept CanSpawn = requires(F f) {
  spawn(f);
};

// greenlet.TestBasic.test_simple_exit
TEST_CASE("gevent 36: started() is false again when the greenlet has ended",
          "[conformance][greenlet]") {
  run_hub([&] {
    const auto g = spawn([] { sleep(1s); });
    CHECK(g->started());
    sleep();
    CHECK(g->started());
    g->join();
    CHECK_FALSE(g->started());
  });
}

// greenlet.TestStart.test_start
TEST_CASE("gevent 37: start() a second time, or after the end, does nothing",
          "[conformance][greenlet]") {
  Log log;

  run_hub([&] {
    const auto g = make_greenlet<Writes>(log, "ran");
    g->start();
    g->start();
    g->join();
    g->start();
    sleep();
  });

  CHECK(log == Log{"ran"});
}

// greenlet.TestBasic.test_spawn_non_callable
TEST_CASE("gevent 38: what cannot be called does not compile",
          "[conformance][greenlet]") {
  STATIC_REQUIRE(CanSpawn<void (*)()>);
  STATIC_REQUIRE_FALSE(CanSpawn<int>);
  STATIC_REQUIRE_FALSE(CanSpawn<void (*)(int)>);
}

// systemerror.TestSpawn.test_exception
TEST_CASE("gevent 39: a failure stays in its greenlet, all others go on",
          "[conformance][greenlet]") {
  Log log;

  run_hub([&] {
    const auto fails = spawn([] { throw std::runtime_error("You fail"); });
    const auto sibling = spawn([&] { log.push_back("sibling"); });
    joinall({fails, sibling});
    log.push_back("spawner");
    CHECK(fails->exception() != nullptr);
    CHECK(sibling->successful());
  });

  CHECK(log == Log{"sibling", "spawner"});
}

// greenlet.TestBasic.test_exc_info_no_error
TEST_CASE("gevent 40: there is no exception() before the run and after success",
          "[conformance][greenlet]") {
  Log log;

  run_hub([&] {
    const auto g = make_greenlet<Writes>(log, "ran");
    CHECK(g->exception() == nullptr);
    g->start();
    g->join();
    CHECK(g->exception() == nullptr);
  });
}

// Fills the stack from here down to `bytes` below `top`.
[[gnu::noinline]] void fill(std::uintptr_t top, std::size_t bytes) {
  volatile char piece[256];
  for (volatile char& c : piece) c = 1;
  const auto here = reinterpret_cast<std::uintptr_t>(&piece[0]);
  if (top - here < bytes) fill(top, bytes);
  piece[0] = 2;  // no tail call
}

// greenlet.TestBasic.test_recursion_error
TEST_CASE("gevent 41: a stack overflow names the greenlet",
          "[conformance][greenlet]") {
  const Death death = death_of([] {
    run_hub(
        [] {
          spawn({.name = "recursion"}, [] {
            const char top = 0;
            fill(reinterpret_cast<std::uintptr_t>(&top),
                 std::size_t{1024} * 1024);
          });
          sleep();
        },
        {.stack_size = std::size_t{64} * 1024});
  });

  // Unlike gevent, it ends the program: C++ cannot unwind from it.
  CHECK(death.signal == SIGABRT);
  CHECK(death.message.find("stack overflow in recursion") != std::string::npos);
}

// greenlet.TestDeadPropertyDuringSwitch
// .test_dead_is_false_for_current_greenlet_during_switch
TEST_CASE("gevent 42: a greenlet is not dead when it runs for the first time",
          "[conformance][greenlet]") {
  bool dead = true;
  bool started = false;

  run_hub([&] {
    const auto g = spawn([&] {
      dead = current().dead();
      started = current().started();
    });
    g->join();
  });

  CHECK_FALSE(dead);
  CHECK(started);
}

// GreenletExit
TEST_CASE(
    "gevent 43: a greenlet that throws GreenletExit itself ends well, without "
    "a report",
    "[conformance][greenlet]") {
  bool caught_as_exception = false;
  const Death death = death_of([] {
    run_hub([] {
      spawn([] { throw GreenletExit(); });
      sleep();
    });
  });
  CHECK(death.signal == 0);
  CHECK(death.message.empty());

  run_hub([&] {
    const auto g = spawn([&] {
      try {
        throw GreenletExit();
      } catch (const std::exception&) {
        caught_as_exception = true;
      }
    });
    g->join();
    CHECK(g->successful());
    // Unlike gevent, the GreenletExit is not its value.
    CHECK(g->value() == nullptr);
  });
  CHECK_FALSE(caught_as_exception);
}

// greenlet.TestStuff.test_minimal_id
TEST_CASE(
    "gevent 44: id() is a small number, different for all living greenlets",
    "[conformance][greenlet]") {
  std::set<std::uint64_t> ids;

  run_hub([&] {
    std::vector<GreenletPtr> greenlets;
    for (int i = 0; i < 10; ++i) greenlets.push_back(spawn([] {}));
    for (const auto& g : greenlets) ids.insert(g->id());
    joinall(greenlets);
    // Unlike gevent, no number is used again.
    CHECK(spawn([] {})->id() == 12);
  });

  CHECK(ids.size() == 10);
  CHECK(*ids.begin() == 2);
  CHECK(*ids.rbegin() == 11);
}

// greenlet.TestStr.test_method
TEST_CASE(
    "gevent 45: a greenlet is called Greenlet-<id> unless it is given a name",
    "[conformance][greenlet]") {
  run_hub([&] {
    const auto g = spawn([] {});
    CHECK(g->name() == "Greenlet-" + std::to_string(g->id()));
    g->set_name("win");
    CHECK(g->name() == "win");
  });
}

// greenlet.TestBasic.test_tree_locals
TEST_CASE("gevent 47: a greenlet knows which greenlet made it",
          "[conformance][greenlet]") {
  std::uint64_t parent = 0;
  std::uint64_t grandparent = 0;

  run_hub([&] {
    // Unlike gevent, a tree of greenlets shares no locals: the spawner gives
    // its children what they share.
    const auto g = spawn([&] {
      grandparent = current().parent_id();
      spawn([&] { parent = current().parent_id(); })->join();
    });
    g->join();
    CHECK(parent == g->id());
    CHECK(grandparent == current().id());
    CHECK(current().parent_id() == 0);
  });
}

// greenlet.TestBasic.test_add_spawn_callback
TEST_CASE(
    "gevent 48: spawn callbacks are called for spawn(), spawn_later() and "
    "start(), once each, until removed",
    "[conformance][greenlet]") {
  Log log;
  Log ran;

  run_hub([&] {
    Hub& hub = Hub::current();
    const auto token = hub.add_spawn_callback(
        [&](Greenlet& g) { log.push_back("callback: " + g.name()); });
    spawn({.name = "spawned"}, [] {});
    const auto later = spawn_later(1s, [] {});
    const auto started = make_greenlet<Writes>(ran, "started");
    started->set_name("started");
    log.push_back("made");
    started->start();
    started->start();
    hub.remove_spawn_callback(token);
    hub.remove_spawn_callback(token);
    spawn({.name = "unseen"}, [] {});
    CHECK(log == Log{"callback: spawned", "callback: " + later->name(), "made",
                     "callback: started"});
    wait();
  });

  CHECK(log.size() == 4);
  CHECK(ran == Log{"started"});
}

// greenlet.TestContextManager.test_simple
TEST_CASE("gevent 50: with_joined() joins at the end",
          "[conformance][greenlet]") {
  Log log;

  run_hub([&] {
    const auto g = spawn([&] { sleep(1s), log.push_back("greenlet"); });
    const int result =
        with_joined(g, [&] { return log.push_back("suite"), 5; });
    CHECK(g->dead());
    CHECK(result == 5);
  });

  CHECK(log == Log{"suite", "greenlet"});
}

// greenlet.TestContextManager.test_wait_in_suite
TEST_CASE("gevent 51: with_joined(): the body may get() the failure",
          "[conformance][greenlet]") {
  run_hub([&] {
    const auto g = spawn([] { throw std::runtime_error("boom"); });
    with_joined(g, [&] { CHECK_THROWS_WITH(g->get(), "boom"); });
    CHECK_FALSE(g->successful());
  });
}

// greenlet.TestContextManager.test_greenlet_raises
TEST_CASE("gevent 52: with_joined() does not throw what the greenlet throws",
          "[conformance][greenlet]") {
  run_hub([&] {
    const auto g = spawn([] { throw std::runtime_error("boom"); });
    with_joined(g, [] {});
    CHECK_THROWS_WITH(g->get(), "boom");
  });
}

// greenlet.TestContextManager.test_suite_body_raises
TEST_CASE(
    "gevent 53: with_joined(): if the body throws, the greenlet is killed with "
    "the same exception, and not joined",
    "[conformance][greenlet]") {
  run_hub([&](TestHub& h) {
    const auto g = spawn([] { sleep(100s); });
    const auto suite = [] {
      sleep(1s);
      throw std::runtime_error("suite");
    };
    std::exception_ptr caught;
    try {
      with_joined(g, suite);
    } catch (const std::runtime_error&) {
      caught = std::current_exception();
    }
    CHECK_FALSE(g->dead());  // not yet
    g->join();
    CHECK(h.elapsed() == 1s);
    CHECK_FALSE(g->successful());
    CHECK(g->exception() == caught);
  });
}

// greenlet.TestContextManager.test_join_raises
TEST_CASE(
    "gevent 54: with_joined(): if the wait for the end throws, the "
    "greenlet is killed, too",
    "[conformance][greenlet]") {
  run_hub([&](TestHub& h) {
    const auto g = spawn([] { sleep(100s); });
    const auto joins_in_time = [&] {
      const Timeout limit = Timeout::start_new(1s);
      with_joined(g, [] {});
    };
    CHECK_THROWS_AS(joins_in_time(), TimeoutError);
    g->join();
    CHECK(h.elapsed() == 1s);
    CHECK_FALSE(g->successful());
  });
}

TEST_CASE("gevent 55: a failure that nobody looks at is reported, once",
          "[conformance][greenlet]") {
  const Death death = death_of([] {
    run_hub([] {
      const auto fail = [] { throw std::runtime_error("boom"); };
      spawn({.name = "unheard"}, fail);
      auto held = spawn({.name = "held"}, fail);
      // Unlike gevent, which reports all before links and joiners run: those
      // that wait or are linked may look at it.
      auto linked = spawn({.name = "linked"}, fail);
      linked->link([](Greenlet&) { std::fprintf(stderr, "link\n"); });
      joinall({held, linked});
      sleep();
      std::fprintf(stderr, "joined\n");
      held.reset();
    });
  });

  CHECK(death.message ==
        "greenroom: unheard failed with std::runtime_error: boom\n"
        "link\n"
        "joined\n"
        "greenroom: held failed with std::runtime_error: boom\n");
}

int depth_reached(int levels) {
  if (levels == 0) return 0;
  return spawn([levels] { return depth_reached(levels - 1); })->get() + 1;
}

TEST_CASE("gevent 56: 500 nested levels of spawn and join work",
          "[conformance][greenlet]") {
  int depth = 0;

  run_hub([&] { depth = depth_reached(500); });

  CHECK(depth == 500);
}

}  // namespace
}  // namespace greenroom::test
