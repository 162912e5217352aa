// What a greenlet's links hear, and when.

#include "../../support/catch2.hpp"
#include "../../support/dies.hpp"
#include "../../support/guard.hpp"
#include "../../support/run_hub.hpp"

#include <greenroom/runtime/core/greenlet.hpp>
#include <greenroom/runtime/core/hub.hpp>
#include <greenroom/runtime/sync/async_result.hpp>
#include <greenroom/runtime/tasks/spawn.hpp>

#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;
using Log = std::vector<std::string>;

TEST_CASE("link: runs in a greenlet of its own, which may wait",
          "[runtime][link]") {
  Log log;

  run_hub([&] {  // gevent 76
    const auto g = spawn([] { return 5; });
    g->link([&](Greenlet& ended) {
      if (&ended == g.get() && &current() != g.get())
        log.push_back("elsewhere");
      sleep(1s);
      log.push_back("waited");
    });
    g->join();
    log.push_back("joined");
    sleep(2s);
  });

  CHECK(log == Log{"elsewhere", "joined", "waited"});
}

TEST_CASE("link: 1000 of them run in the order of linking", "[runtime][link]") {
  std::vector<int> log;
  std::vector<int> expected;

  run_hub([&] {  // gevent 77, test__order.Test.test_greenlet_link
    const auto g = spawn([] {});
    for (int i = 0; i < 1000; ++i) {
      g->link([&log, i](Greenlet&) { log.push_back(i); });
      expected.push_back(i);
    }
    g->join();
    sleep();
  });

  CHECK(log == expected);
}

TEST_CASE("link: runs before a joiner that came later", "[runtime][link]") {
  Log log;

  run_hub([&] {  // gevent 77
    const auto g = spawn([] {});
    g->link([&](Greenlet&) { log.push_back("link"); });
    g->join();
    log.push_back("joiner");
  });

  CHECK(log == Log{"link", "joiner"});
}

TEST_CASE("link: made after the end, it runs at the next turn",
          "[runtime][link]") {
  Log log;

  run_hub([&] {  // gevent 78, test__greenlet.TestReturn_link.test_return
    const auto g = spawn([] {});
    g->join();
    g->link([&](Greenlet&) { log.push_back("link"); });
    log.push_back("linked");
    sleep();
    log.push_back("next turn");
  });

  CHECK(log == Log{"linked", "link", "next turn"});
}

TEST_CASE("link: link_value() and link_exception() hear what they ask for",
          "[runtime][link]") {
  Log log;
  const auto link_all = [&](Greenlet& g, const std::string& name) {
    g.link([&log, name](Greenlet&) { log.push_back(name + " ended"); });
    g.link_value([&log, name](Greenlet&) { log.push_back(name + " well"); });
    g.link_exception([&log, name](Greenlet&) { log.push_back(name + " ill"); });
  };

  run_hub([&] {
    // gevent 79, test__greenlet.TestReturn_link, TestRaise_link
    const auto returns = spawn([] {});
    const auto throws = spawn([] { throw std::runtime_error("boom"); });
    const auto killed = spawn([] { sleep(1s); });
    link_all(*returns, "returns");
    link_all(*throws, "throws");
    link_all(*killed, "killed");
    sleep();
    sleep();
    killed->kill();
    sleep();
    link_all(*throws, "throws, later");
    sleep();
  });

  CHECK(log == Log{"returns ended", "returns well", "throws ended",
                   "throws ill", "killed ended", "killed well",
                   "throws, later ended", "throws, later ill"});
}

TEST_CASE("link: an AsyncResult can be the target", "[runtime][link]") {
  run_hub([&] {
    // gevent 80, 81, 152, test__greenlet.TestLink.test_link_to_asyncresult
    AsyncResult<int> value;
    AsyncResult<int> error;
    const auto tell = [](AsyncResult<int>& result) {
      return [&result](Greenlet& g) {
        if (auto failure = g.exception())
          result.set_exception(failure);
        else
          result.set(*static_cast<GreenletOf<int>&>(g).value());
      };
    };
    const auto returns = spawn([] { return 5; });
    const auto throws =
        spawn([]() -> int { throw std::runtime_error("boom"); });
    returns->link(tell(value));
    throws->link(tell(error));
    CHECK(value.get() == 5);
    CHECK_THROWS_WITH(error.get(), "boom");
    CHECK(error.exception() == throws->exception());
  });
}

TEST_CASE("link: its greenlet lets the linked one go when it has called back",
          "[runtime][link]") {
  Log log;

  run_hub([&] {
    GreenletPtr callback;
    {
      const auto g = spawn([&] {
        return std::shared_ptr<Guard>(new Guard{log, "destroyed"});
      });
      g->link([&](Greenlet&) {
        callback = &current();
        log.push_back("called back");
      });
    }
    sleep();
    sleep();
    log.push_back("a handle on the callback's greenlet is left");
  });

  CHECK(log == Log{"called back", "destroyed",
                   "a handle on the callback's greenlet is left"});
}

TEST_CASE("link: what the linked one returned may park while it is destroyed",
          "[runtime][link]") {
  struct Parks {
    explicit Parks(Log& text) : log(text) {}
    ~Parks() {
      try {
        sleep(1h);
      } catch (const GreenletExit&) {
        log.push_back("unwound");
      }
    }
    Log& log;
  };
  Log log;

  {
    const Hub hub;
    spawn([&] { return std::make_shared<Parks>(log); })->link([&](Greenlet&) {
      log.push_back("called back");
    });
    sleep();
    sleep();
    log.push_back("the hub ends");
  }

  CHECK(log == Log{"called back", "the hub ends", "unwound"});
}

TEST_CASE("link: unlink() removes one", "[runtime][link]") {
  Log log;

  run_hub([&] {  // gevent 82, test__greenlet.TestUnlink
    const auto g = spawn([] {});
    const auto log_it = [&](const char* text) {
      return [&log, text](Greenlet&) { log.push_back(text); };
    };
    const LinkToken always = g->link(log_it("link"));
    const LinkToken value = g->link_value(log_it("link_value"));
    g->link(log_it("stays"));
    const LinkToken error = g->link_exception(log_it("link_exception"));
    for (const LinkToken token : {always, value, error}) g->unlink(token);
    g->unlink(always);           // once more
    g->unlink(LinkToken{1000});  // never given
    g->join();
    sleep();
    g->unlink(always);  // after the end
  });

  CHECK(log == Log{"stays"});
}

TEST_CASE("link: a callback may unlink a later one", "[runtime][link]") {
  Log log;

  run_hub([&] {
    // gevent 84, test__greenlet.TestStuff.test_multiple_listeners_error_unlink
    const auto g = spawn([] {});
    LinkToken later{};
    g->link([&](Greenlet& ended) {
      log.push_back("first");
      ended.unlink(later);
    });
    later = g->link([&](Greenlet&) { log.push_back("never"); });
    g->link([&](Greenlet&) { log.push_back("third"); });
    g->join();
    sleep();
  });

  CHECK(log == Log{"first", "third"});
}

TEST_CASE("link: a callback that is linked twice is called twice",
          "[runtime][link]") {
  int calls = 0;

  run_hub([&] {  // gevent 85, 86
    const auto g = spawn([] {});
    const auto callback = [&](Greenlet&) { ++calls; };
    g->link(callback);
    g->link(callback);
    g->join();
    sleep();
    g->start();
    sleep();
  });

  CHECK(calls == 2);
}

TEST_CASE("link: a failing one is reported and stops no other",
          "[runtime][link]") {
  const Death death = death_of([] {
    Log log;
    run_hub([&] {
      // Trap 7; gevent 83,
      // test__greenlet.TestStuff.test_multiple_listeners_error
      const auto g = spawn([] {});
      g->link([](Greenlet&) { throw std::runtime_error("bad link"); });
      g->link([&](Greenlet&) { log.push_back("good link"); });
      g->join();
    });
    if (log != Log{"good link"}) std::abort();
  });

  CHECK(death.signal == 0);
  CHECK(death.message.find("failed with std::runtime_error: bad link") !=
        std::string::npos);
}

TEST_CASE("link: may drop the last handle of its greenlet", "[runtime][link]") {
  Log log;

  run_hub([&] {
    GreenletPtr g = spawn([] {});
    g->link([&](Greenlet& ended) {
      g.reset();
      log.push_back(ended.name().empty() ? "?" : "still there");
    });
    sleep();
    sleep();
  });

  CHECK(log == Log{"still there"});
}

TEST_CASE("link: one that waits may be killed like any greenlet",
          "[runtime][link]") {
  Log log;

  run_hub([&] {
    const auto g = spawn([] {});
    GreenletPtr link;
    g->link([&](Greenlet&) {
      link = &current();
      sleep(100s);
      log.push_back("never");
    });
    g->join();
    sleep();
    CHECK(link->kill());
  });

  CHECK(log.empty());
}

}  // namespace
}  // namespace greenroom::test
