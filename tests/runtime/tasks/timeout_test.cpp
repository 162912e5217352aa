#include "../../support/catch2.hpp"
#include "../../support/run_hub.hpp"

#include <greenroom/runtime/tasks/timeout.hpp>

#include <memory>
#include <optional>
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

TEST_CASE("timeout: throws into the greenlet that started it, where it waits",
          "[runtime][timeout]") {
  Log log;

  run_hub([&](TestHub& h) {  // gevent 107
    const auto g = spawn([&] {
      Timeout limit{1s};
      limit.start();
      try {
        sleep(5s);
        log.push_back("never");
      } catch (const TimeoutError& e) {
        log.push_back(e.is(limit) ? "mine" : "foreign");
      }
    });
    const auto other = spawn([&] { sleep(2s), log.push_back("unaffected"); });
    g->join();
    CHECK(h.elapsed() == 1s);
    other->join();
  });

  CHECK(log == Log{"mine", "unaffected"});
}

TEST_CASE("timeout: is pending while it runs, and never fires once cancelled",
          "[runtime][timeout]") {
  run_hub([&] {  // gevent 110, 111, test__timeout.Test.test_cancel
    Timeout limit{1s};
    CHECK_FALSE(limit.pending());
    limit.start();
    CHECK(limit.pending());
    limit.cancel();
    CHECK_FALSE(limit.pending());
    sleep(2s);

    {
      const Timeout scoped = Timeout::start_new(1s);
      CHECK(scoped.pending());
      CHECK(scoped.limit() == 1s);
    }
    sleep(2s);
  });
}

TEST_CASE("timeout: can be started again after it fired or was cancelled",
          "[runtime][timeout]") {
  run_hub([&](TestHub& h) {  // gevent 109, test__timeout.Test._check_expires
    Timeout limit{1s};
    for (int i = 1; i <= 2; ++i) {
      limit.start();
      CHECK_THROWS_AS(sleep(5s), TimeoutError);
      CHECK_FALSE(limit.pending());
      CHECK(h.elapsed() == i * 1s);
    }
    limit.start();
    limit.cancel();
    limit.start();
    CHECK_THROWS_AS(sleep(5s), TimeoutError);
  });
}

TEST_CASE("timeout: starting one that runs is an error", "[runtime][timeout]") {
  run_hub([&] {  // gevent 124
    Timeout limit = Timeout::start_new(1s);
    CHECK_THROWS_AS(limit.start(), std::logic_error);
    CHECK(limit.pending());
  });
}

TEST_CASE("timeout: throws another exception instead, if told so",
          "[runtime][timeout]") {
  run_hub([&] {  // gevent 112, test__api_timeout.Test.test_api
    {
      const Timeout limit = Timeout::start_new<TooLong>(1s, "too long");
      CHECK_THROWS_WITH(sleep(5s), "too long");
    }
    const auto error = std::make_exception_ptr(TooLong("given"));
    Timeout limit{1s, error};
    limit.start();
    std::exception_ptr caught;
    try {
      sleep(5s);
    } catch (...) {
      caught = std::current_exception();
    }
    CHECK(caught == error);
  });
}

TEST_CASE("timeout: the error says the limit and the words given",
          "[runtime][timeout]") {
  run_hub([&] {  // gevent 112, test__timeout.Test.test_expires_str
    std::string text;
    Timeout limit{10ms, "XXX"};
    limit.start();
    try {
      sleep(5s);
    } catch (const TimeoutError& e) {
      text = e.what();
    }
    CHECK(text == "0.01 seconds: XXX");
  });
  CHECK(TimeoutError(2s).what() == std::string("2 seconds"));
}

TEST_CASE("timeout: is not caught as a std::exception", "[runtime][timeout]") {
  run_hub([&] {  // gevent 129
    const Timeout limit = Timeout::start_new(1s);
    const auto careless = [] {
      try {
        sleep(5s);
      } catch (const std::exception&) {
      }
    };
    CHECK_THROWS_AS(careless(), TimeoutError);
  });
}

TEST_CASE("timeout: with no limit never fires", "[runtime][timeout]") {
  run_hub([&] {  // gevent 116, test__api_timeout.Test.test_api
    Timeout limit;
    limit.start();
    CHECK_FALSE(limit.pending());
    CHECK(Hub::current().timers().empty());
    sleep(24h * 365 * 100);
  });
}

TEST_CASE("timeout: of zero or less fires at the first real wait",
          "[runtime][timeout]") {
  Log log;

  run_hub([&] {  // gevent 117, 118
    for (const Duration limit : {Duration(0s), Duration(-1s)}) {
      const Timeout timeout = Timeout::start_new(limit);
      log.push_back("runs on");
      sleep();
      log.push_back("gave way");
      CHECK_THROWS_AS(sleep(5s), TimeoutError);
    }
  });

  CHECK(log == Log{"runs on", "gave way", "runs on", "gave way"});
}

TEST_CASE("timeout: nested ones fire by deadline, the others stay pending",
          "[runtime][timeout]") {
  run_hub([&](TestHub& h) {
    // gevent 119, test__api_timeout.Test.test_nested_timeout
    const Timeout outer = Timeout::start_new(2s);
    {
      const Timeout inner = Timeout::start_new(1s);
      try {
        sleep(5s);
      } catch (const TimeoutError& e) {
        CHECK(e.is(inner));
        CHECK_FALSE(e.is(outer));
      }
      CHECK(h.elapsed() == 1s);
    }
    CHECK(outer.pending());
    CHECK_THROWS_AS(sleep(5s), TimeoutError);
    CHECK(h.elapsed() == 2s);
  });
}

TEST_CASE("timeout: two that are due together fire in start order",
          "[runtime][timeout]") {
  Log log;

  run_hub([&] {  // gevent 126
    Timeout first{1s, "first"};
    Timeout second{1s, "second"};
    second.start();
    first.start();
    for (int i = 0; i < 2; ++i) {
      try {
        sleep(5s);
      } catch (const TimeoutError& e) {
        log.push_back(e.what());
      }
    }
  });

  CHECK(log == Log{"1 seconds: second", "1 seconds: first"});
}

TEST_CASE("timeout: cannot interrupt code that does not wait",
          "[runtime][timeout]") {
  bool finished = false;

  run_hub([&] {  // gevent 127
    const Timeout limit = Timeout::start_new(0s);
    spawn([] {});
    finished = true;
  });

  CHECK(finished);
}

TEST_CASE("timeout: one that outlives its greenlet is dropped silently",
          "[runtime][timeout]") {
  run_hub([&] {  // Trap 7; gevent 130
    std::optional<Timeout> limit;
    auto g = spawn([&] { limit.emplace(1s).start(); });
    g->join();
    g.reset();
    CHECK(limit->pending());
    sleep(2s);
    CHECK_FALSE(limit->pending());
    limit->start();  // now it is the main greenlet's
    CHECK_THROWS_AS(sleep(2s), TimeoutError);
  });
}

TEST_CASE("timeout: may be destroyed by another greenlet while it runs",
          "[runtime][timeout]") {
  run_hub([&] {
    auto limit = std::make_unique<Timeout>(1s);
    const auto g = spawn([&] { limit->start(), sleep(3s); });
    sleep();
    limit.reset();
    g->get();
  });
}

TEST_CASE("timeout: an outer one is not lost in any inner wait",
          "[runtime][timeout]") {
  // gevent 89, test_outer_timeout_is_not_lost of all that wait
  const auto interrupted = [](auto wait_for) {
    bool mine = false;
    run_hub([&] {
      const auto sleeper = spawn([] { sleep(3s); });
      const Timeout outer = Timeout::start_new(1s);
      try {
        wait_for(sleeper);
      } catch (const TimeoutError& e) {
        mine = e.is(outer);
      }
    });
    return mine;
  };

  CHECK(interrupted([](auto& g) { g->join(2s); }));
  CHECK(interrupted([](auto& g) { g->get(2s); }));
  CHECK(interrupted([](auto& g) { joinall({g}, 2s); }));
  CHECK(interrupted([](auto& g) { wait({g}, 2s); }));
  CHECK(interrupted([](auto&) { wait(2s); }));
  CHECK(interrupted([](auto&) { sleep(2s); }));
  CHECK(interrupted([](auto&) { Event().wait(2s); }));
  CHECK(interrupted([](auto&) { AsyncResult<int>().get(2s); }));
  CHECK(interrupted([](auto&) { AsyncResult<int>().wait(2s); }));
}

TEST_CASE("with_timeout: gives the result, throws or falls back",
          "[runtime][timeout]") {
  run_hub([&] {  // gevent 121, 122, test__timeout.Test.test_with_timeout
    const auto slow = [] { return sleep(5s), std::string("slow"); };
    const auto fast = [] { return sleep(1s), std::string("fast"); };
    CHECK(with_timeout(2s, fast) == "fast");
    CHECK_THROWS_AS(with_timeout(2s, slow), TimeoutError);
    CHECK(with_timeout(2s, fast, "fallback") == "fast");
    CHECK(with_timeout(2s, slow, "fallback") == "fallback");
    CHECK_THROWS_AS(with_timeout(
                        2s, []() -> int { throw TooLong("own"); }, 1),
                    TooLong);
    with_timeout(2s, [] { sleep(1s); });
  });
}

TEST_CASE("with_timeout: an outer Timeout passes through the fallback",
          "[runtime][timeout]") {
  run_hub([&] {  // gevent 121, test__api.Test.test_nested_with_timeout
    const auto slow = [] { return sleep(5s), 1; };
    const auto inner = [&] { return with_timeout(3s, slow, 2); };
    CHECK_THROWS_AS(with_timeout(1s, inner), TimeoutError);
    CHECK(with_timeout(1s, inner, 3) == 3);
    CHECK(with_timeout(4s, inner, 3) == 2);
  });
}

TEST_CASE("timeout: an error thrown by hand belongs to none",
          "[runtime][timeout]") {
  run_hub([&] {  // gevent 128, test__timeout.TestDirectRaise
    const Timeout limit{1s};
    try {
      throw TimeoutError(1s);
    } catch (const TimeoutError& e) {
      CHECK_FALSE(e.is(limit));
    }
  });
}

}  // namespace
}  // namespace greenroom::test
