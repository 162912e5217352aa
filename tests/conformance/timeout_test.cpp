// gevent's Timeout, number by number: conformance/README.md.

#include "../support/catch2.hpp"
#include "../support/run_hub.hpp"

#include <greenroom/runtime/tasks/timeout.hpp>

#include <concepts>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;
using Log = std::vector<std::string>;

struct TooLong : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Whose error ends a wait: "a", "b" or "nobody's"; "none" if it ends by itself.
std::string ended_by(const Timeout& a, const Timeout& b, Duration time) {
  try {
    sleep(time);
    return "none";
  } catch (const TimeoutError& e) {
    if (e.is(a)) return "a";
    return e.is(b) ? "b" : "nobody's";
  }
}

TEST_CASE(
    "gevent 107: a Timeout is thrown in the greenlet that started it, "
    "whichever one runs then",
    "[conformance][timeout]") {
  Log log;

  run_hub([&] {
    const auto g = spawn([&] {
      const Timeout limit = Timeout::start_new(1s);
      try {
        sleep(5s);
      } catch (const TimeoutError&) {
        log.push_back("starter");
      }
    });
    const auto other = spawn([&] {
      for (int i = 0; i < 20; ++i) sleep(100ms);
      log.push_back("other");
    });
    joinall({g, other}, forever, raise_error);
  });

  CHECK(log == Log{"starter", "other"});
}

// timeout.Test.test_expires, api_timeout.Test.test_api
TEST_CASE("gevent 108: the error knows its Timeout", "[conformance][timeout]") {
  run_hub([&] {
    Timeout a{1s};
    const Timeout b{1s};
    a.start();
    CHECK(ended_by(a, b, 5s) == "a");
  });
}

// timeout.Test._check_expires
TEST_CASE("gevent 109: it can be started again after it fired",
          "[conformance][timeout]") {
  run_hub([&](TestHub& h) {
    Timeout limit{1s};
    for (int i = 1; i <= 2; ++i) {
      limit.start();
      CHECK_THROWS_AS(sleep(5s), TimeoutError);
      CHECK(h.elapsed() == i * 1s);
    }
  });
}

// api_timeout.Test.test_api, timeout.Test.test_cancel
TEST_CASE(
    "gevent 110: pending() is true from start until it fires or is cancelled",
    "[conformance][timeout]") {
  run_hub([&] {
    Timeout limit{1s};
    CHECK_FALSE(limit.pending());
    limit.start();
    CHECK(limit.pending());
    CHECK_THROWS_AS(sleep(5s), TimeoutError);
    CHECK_FALSE(limit.pending());
    limit.start();
    limit.cancel();
    CHECK_FALSE(limit.pending());
  });
}

// timeout.Test.test_cancel, api_timeout.Test.test_api
TEST_CASE("gevent 111: once cancelled, or out of scope, it never fires",
          "[conformance][timeout]") {
  run_hub([&](TestHub& h) {
    Timeout limit = Timeout::start_new(1s);
    limit.cancel();
    { const Timeout scoped = Timeout::start_new(1s); }
    sleep(5s);
    CHECK(h.elapsed() == 5s);
  });
}

// api_timeout.Test.test_api, timeout.Test.test_expires_str
TEST_CASE(
    "gevent 112: it throws another exception if given one, a string only "
    "changes the text",
    "[conformance][timeout]") {
  run_hub([&] {
    {
      const Timeout limit = Timeout::start_new<TooLong>(1s, "of a class");
      CHECK_THROWS_WITH(sleep(5s), "of a class");
    }
    {
      const auto given = std::make_exception_ptr(TooLong("given"));
      std::exception_ptr caught;
      Timeout limit{1s, given};
      limit.start();
      try {
        sleep(5s);
      } catch (const TooLong&) {
        caught = std::current_exception();
      }
      CHECK(caught == given);
    }
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
}

// timeout.Test.test_expires_non_exception
TEST_CASE("gevent 113: it can throw objects that are no std::exception",
          "[conformance][timeout]") {
  run_hub([&] {
    // Unlike gevent, where that is a TypeError: in C++ all can be thrown.
    const Timeout limit = Timeout::start_new<int>(1s, 5);
    CHECK_THROWS_AS(sleep(5s), int);
  });
}

// timeout.Test.test_context_manager_false, .test_expires_false
TEST_CASE("gevent 114: within() swallows its own time-out, and no other's",
          "[conformance][timeout]") {
  run_hub([&](TestHub& h) {
    CHECK_FALSE(within(1s, [] { sleep(5s); }));
    CHECK(h.elapsed() == 1s);
    CHECK(within(2s, [] { sleep(1s); }));
    const auto throws_by_itself = [] {
      return within(1s, [] { throw TimeoutError(5s); });
    };
    CHECK_THROWS_AS(throws_by_itself(), TimeoutError);
  });
}

// api_timeout.Test.test_api
TEST_CASE("gevent 116: without a limit it never fires and costs no timer",
          "[conformance][timeout]") {
  run_hub([&] {
    Timeout limit;
    limit.start();
    CHECK_FALSE(limit.pending());
    CHECK(Hub::current().timers().empty());
    CHECK_THROWS_AS(Event().wait(), LoopExit);
  });
}

TEST_CASE(
    "gevent 117, 118: with a limit of zero or less it fires at the first real "
    "wait, not at a sleep(0)",
    "[conformance][timeout]") {
  const Duration time = GENERATE(as<Duration>(), 0s, -1s);
  Log log;

  run_hub([&](TestHub& h) {
    const Timeout limit = Timeout::start_new(time);
    log.push_back("runs");
    sleep();
    log.push_back("gave way");
    CHECK_THROWS_AS(sleep(5s), TimeoutError);
    CHECK(h.elapsed() == 0s);
  });

  CHECK(log == Log{"runs", "gave way"});
}

// api_timeout.Test.test_nested_timeout
TEST_CASE(
    "gevent 119: of nested Timeouts the earlier one fires, the other stays "
    "pending",
    "[conformance][timeout]") {
  run_hub([&](TestHub& h) {
    const Timeout outer = Timeout::start_new(2s);
    {
      const Timeout inner = Timeout::start_new(1s);
      CHECK(ended_by(outer, inner, 5s) == "b");
      CHECK(outer.pending());
    }
    CHECK(ended_by(outer, outer, 5s) == "a");
    CHECK(h.elapsed() == 2s);
  });
}

// api_timeout.Test.test_nested_timeout
TEST_CASE("gevent 120: an inner within() does not swallow an outer Timeout",
          "[conformance][timeout]") {
  run_hub([&](TestHub& h) {
    const Timeout outer = Timeout::start_new(1s);
    const auto inner = [] { return within(2s, [] { sleep(5s); }); };
    CHECK_THROWS_AS(inner(), TimeoutError);
    CHECK(h.elapsed() == 1s);
  });
}

// api.Test.test_nested_with_timeout, timeout.Test.test_with_timeout
TEST_CASE("gevent 121: with_timeout() falls back for its own time-out only",
          "[conformance][timeout]") {
  run_hub([&] {
    const auto slow = [] { return sleep(5s), std::string("done"); };
    CHECK(with_timeout(1s, slow, "fallback") == "fallback");
    CHECK(with_timeout(9s, slow, "fallback") == "done");
    const auto nested = [&] {
      return with_timeout(1s, [&] { return with_timeout(2s, slow, "inner"); });
    };
    CHECK_THROWS_AS(nested(), TimeoutError);
  });
}

// timeout.Test.test_with_timeout
TEST_CASE("gevent 122: with_timeout() without a fallback throws",
          "[conformance][timeout]") {
  run_hub([&] {
    CHECK_THROWS_AS(with_timeout(1s, [] { sleep(5s); }), TimeoutError);
    CHECK(with_timeout(1s, [] { return 5; }) == 5);
  });
}

// A clock that the test moves; it counts how often it is read.
class HandClock final : public Clock {
 public:
  [[nodiscard]] TimePoint now() noexcept override { return ++looks, now_; }
  [[nodiscard]] bool skip_to(TimePoint due) noexcept override {
    now_ = due;
    return true;
  }
  void pass(Duration time) { now_ += time; }

  int looks = 0;

 private:
  TimePoint now_{};
};

// api_timeout.Test.test_timeout_calls_update_now
TEST_CASE("gevent 123: a computation before start() does not shorten it",
          "[conformance][timeout]") {
  HandClock clock;
  const Hub hub({.clock = &clock});

  clock.pass(10s);  // the computation
  clock.looks = 0;
  const Timeout limit = Timeout::start_new(1s);
  CHECK(clock.looks == 1);
  CHECK_THROWS_AS(sleep(5s), TimeoutError);
  CHECK(clock.now() == TimePoint() + 11s);
}

TEST_CASE("gevent 124: starting a pending Timeout is an error",
          "[conformance][timeout]") {
  run_hub([&] {
    Timeout limit = Timeout::start_new(1s);
    CHECK_THROWS_AS(limit.start(), std::logic_error);
    CHECK(limit.pending());
    limit.cancel();
    // Unlike gevent after close(), it can be started again.
    limit.start();
    CHECK(limit.pending());
  });
}

TEST_CASE("gevent 126: two of the same length fire in the order of their start",
          "[conformance][timeout]") {
  run_hub([&] {
    Timeout a{1s};
    Timeout b{1s};
    b.start();
    a.start();
    CHECK(ended_by(a, b, 5s) == "b");
    CHECK(ended_by(a, b, 5s) == "a");
  });
}

TEST_CASE(
    "gevent 127: it cannot interrupt code that does not wait, if it is late, "
    "it may never be thrown",
    "[conformance][timeout]") {
  Log log;
  HandClock clock;
  const Hub hub({.clock = &clock});

  {
    const Timeout limit = Timeout::start_new(1s);
    clock.pass(5s);  // a computation
    log.push_back("computed");
    sleep();
    log.push_back("gave way");
  }
  sleep(5s);
  log.push_back("left");

  CHECK(log == Log{"computed", "gave way", "left"});
}

// timeout.TestDirectRaise
TEST_CASE("gevent 128: an error thrown by hand belongs to no Timeout",
          "[conformance][timeout]") {
  run_hub([&] {
    const Timeout limit = Timeout::start_new(1s);
    std::optional<TimeoutError> caught;
    try {
      throw TimeoutError(5s);
    } catch (const TimeoutError& e) {
      caught = e;
    }
    CHECK_FALSE(caught->is(limit));
    CHECK(limit.pending());
    CHECK(caught->what() == std::string("5 seconds"));
  });
}

TEST_CASE("gevent 129: a TimeoutError is no std::exception",
          "[conformance][timeout]") {
  run_hub([&] {
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

TEST_CASE(
    "gevent 130: a Timeout that outlives its greenlet is dropped silently",
    "[conformance][timeout]") {
  run_hub([&](TestHub& h) {
    std::optional<Timeout> limit;
    spawn([&] { limit.emplace(1s).start(); })->join();
    CHECK(limit->pending());
    sleep(5s);
    CHECK_FALSE(limit->pending());
    CHECK(h.elapsed() == 5s);
  });
}

// api_timeout.Test.test_ref
TEST_CASE("gevent 131: it keeps nothing of the exception alive",
          "[conformance][timeout]") {
  const auto held = std::make_shared<int>();
  struct Holds {
    explicit Holds(std::shared_ptr<int> its) : what(std::move(its)) {}
    std::shared_ptr<int> what;
  };

  run_hub([&] {
    {
      const Timeout limit = Timeout::start_new<Holds>(1s, held);
      CHECK_THROWS_AS(sleep(5s), Holds);
    }
    CHECK(held.use_count() == 1);
  });
}

TEST_CASE("gevent 132: what start() returns cannot be given as a limit",
          "[conformance][timeout]") {
  // Unlike gevent, where None then means "no limit".
  STATIC_REQUIRE(std::is_void_v<decltype(Timeout().start())>);
  STATIC_REQUIRE_FALSE(std::convertible_to<Timeout, Duration>);
}

}  // namespace
}  // namespace greenroom::test
