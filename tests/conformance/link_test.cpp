// gevent's links, number by number: conformance/README.md.

#include "../support/catch2.hpp"
#include "../support/dies.hpp"
#include "../support/run_hub.hpp"

#include <greenroom/runtime/core/greenlet.hpp>
#include <greenroom/runtime/sync/async_result.hpp>
#include <greenroom/runtime/tasks/join.hpp>
#include <greenroom/runtime/tasks/spawn.hpp>

#include <cstdlib>
#include <numeric>
#include <stdexcept>
#include <string>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;
using Log = std::vector<std::string>;

// Passes on how a greenlet ended.
template <class T>
auto tell(AsyncResult<T>& result) {
  return [&result](Greenlet& g) {
    if (auto failure = g.exception())
      result.set_exception(failure);
    else
      result.set(*static_cast<GreenletOf<T>&>(g).value());
  };
}

TEST_CASE("gevent 76: a link runs after the end, in a greenlet of its own",
          "[conformance][link]") {
  Log log;

  run_hub([&] {
    const auto g = spawn([&] { log.push_back("ends"); });
    g->link([&](Greenlet& ended) {
      CHECK(&ended == g.get());
      CHECK(ended.dead());
      CHECK(&current() != g.get());
      sleep(1s);  // it may wait
      log.push_back("link");
    });
    sleep(2s);
  });

  CHECK(log == Log{"ends", "link"});
}

// order.Test.test_greenlet_link, order.TestM
TEST_CASE("gevent 77: links run in the order of linking, before later joiners",
          "[conformance][link]") {
  std::vector<int> log;
  std::vector<int> expected(1001);
  std::iota(expected.begin(), expected.end(), 0);

  run_hub([&] {
    const auto g = spawn([] {});
    for (int i = 0; i < 1000; ++i)
      g->link([&log, i](Greenlet&) { log.push_back(i); });
    g->join();
    log.push_back(1000);
  });

  CHECK(log == expected);
}

// greenlet.TestReturn_link.test_return
TEST_CASE("gevent 78: a link made after the end is called at the next turn",
          "[conformance][link]") {
  Log log;

  run_hub([&] {
    const auto g = spawn([] {});
    g->join();
    g->link([&](Greenlet&) { log.push_back("link"); });
    log.push_back("linked");
    sleep();
  });

  CHECK(log == Log{"linked", "link"});
}

// greenlet.TestReturn_link.test_kill, greenlet.TestRaise_link.test_raise
TEST_CASE(
    "gevent 79: link_value() is called after success and kills, "
    "link_exception() after failures",
    "[conformance][link]") {
  Log log;

  run_hub([&] {
    const auto linked = [&](const auto& g, std::string name) {
      g->link_value([&log, name](Greenlet&) { log.push_back(name + " well"); });
      g->link_exception(
          [&log, name](Greenlet&) { log.push_back(name + " failed"); });
      return g;
    };
    const auto killed = linked(spawn([] { sleep(100s); }), "killed");
    linked(spawn([] { return 5; }), "returns");
    linked(spawn([] { throw std::runtime_error("boom"); }), "throws");
    sleep();
    killed->kill();
    sleep();
  });

  CHECK(log == Log{"returns well", "throws failed", "killed well"});
}

// greenlet.TestLink.test_link_to_asyncresult, _exception, _queue, _channel
TEST_CASE("gevent 80: whatever can be called can be linked",
          "[conformance][link]") {
  struct Member {
    void hear(Greenlet& g) { heard = &g; }
    Greenlet* heard = nullptr;
  };

  run_hub([&] {
    AsyncResult<int> value;
    AsyncResult<int> error;
    std::vector<GreenletPtr> ended;
    Member member;
    const auto returns = spawn([] { return 5; });
    const auto throws =
        spawn([]() -> int { throw std::runtime_error("boom"); });
    // Unlike gevent, an AsyncResult is linked by a function that fills it.
    returns->link(tell(value));
    returns->link([&](Greenlet& g) { ended.emplace_back(&g); });
    returns->link([&](Greenlet& g) { member.hear(g); });
    throws->link(tell(error));
    CHECK(value.get() == 5);
    CHECK_THROWS_WITH(error.get(), "boom");
    CHECK(ended == std::vector<GreenletPtr>{returns});
    CHECK(member.heard == returns.get());
  });
}

// greenlet.TestLink.test_link_to_asyncresult_exception
TEST_CASE("gevent 81: every linked result gets the same exception object",
          "[conformance][link]") {
  run_hub([&] {
    AsyncResult<int> first;
    AsyncResult<int> second;
    const auto g = spawn([]() -> int { throw std::runtime_error("boom"); });
    g->link(tell(first));
    g->link(tell(second));
    CHECK_THROWS_WITH(second.get(), "boom");
    CHECK(first.exception() == g->exception());
    CHECK(second.exception() == g->exception());
  });
}

// greenlet.TestUnlink.test_func_link, _link_value, _link_exception
TEST_CASE("gevent 82: unlink() removes every kind of link",
          "[conformance][link]") {
  Log log;

  run_hub([&] {
    const auto g = spawn([] { throw std::runtime_error("boom"); });
    const auto never = [&](Greenlet&) { log.push_back("never"); };
    // Unlike gevent, link() returns a name for the link: functions cannot
    // be compared.
    for (const LinkToken token :
         {g->link(never), g->link_value(never), g->link_exception(never)}) {
      g->unlink(token);
      g->unlink(token);
    }
    g->unlink(LinkToken{1000});
    g->link([&](Greenlet&) { log.push_back("stays"); });
    g->join();
    sleep();
  });

  CHECK(log == Log{"stays"});
}

// greenlet.TestStuff.test_multiple_listeners_error
TEST_CASE(
    "gevent 83: a link that throws is reported, and does not stop the others",
    "[conformance][link]") {
  const Death death = death_of([] {
    Log log;
    run_hub([&] {
      const auto g = spawn([] {});
      g->link([&](Greenlet&) {
        log.push_back("first");
        throw std::runtime_error("bad link");
      });
      g->link([&](Greenlet&) { log.push_back("second"); });
      g->join();
      sleep();
    });
    if (log != Log{"first", "second"}) std::abort();
  });

  CHECK(death.signal == 0);
  CHECK(death.message.find("failed with std::runtime_error: bad link\n") !=
        std::string::npos);
}

// greenlet.TestStuff.test_multiple_listeners_error_unlink_Greenlet_link
TEST_CASE(
    "gevent 84: a link may unlink a later one while links are being called",
    "[conformance][link]") {
  Log log;

  run_hub([&] {
    const auto g = spawn([] {});
    LinkToken later{};
    g->link([&](Greenlet& ended) { ended.unlink(later); });
    later = g->link([&](Greenlet&) { log.push_back("never"); });
    g->link([&](Greenlet&) { log.push_back("third"); });
    g->join();
    sleep();
  });

  CHECK(log == Log{"third"});
}

TEST_CASE(
    "gevent 85, 86: the same callback linked twice is called twice, each "
    "link once",
    "[conformance][link]") {
  int calls = 0;

  run_hub([&] {
    const auto g = spawn([] {});
    const auto callback = [&](Greenlet&) { ++calls; };
    g->link(callback);
    g->link(callback);
    g->join();
    sleep();
    CHECK(calls == 2);
    g->link([](Greenlet&) {});  // another round
    sleep();
  });

  CHECK(calls == 2);
}

}  // namespace
}  // namespace greenroom::test
