// gevent's AsyncResult, number by number: conformance/README.md.

#include "../support/catch2.hpp"
#include "../support/run_hub.hpp"

#include <greenroom/runtime/sync/async_result.hpp>
#include <greenroom/runtime/tasks/join.hpp>
#include <greenroom/runtime/tasks/spawn.hpp>

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

std::exception_ptr error(const char* text) {
  return std::make_exception_ptr(std::runtime_error(text));
}

// event.TestAsyncResult.test_set_exc
TEST_CASE(
    "gevent 144: get() returns the value, or throws the same exception object "
    "to each caller",
    "[conformance][async_result]") {
  const auto what = error("boom");
  int thrown = 0;

  run_hub([&] {
    AsyncResult<int> value;
    const auto getter = spawn([&] { return value.get(); });
    spawn_later(1s, [&] { value.set(5); });
    CHECK(getter->get() == 5);

    AsyncResult<int> failed;
    const auto get = [&] {
      try {
        failed.get();
      } catch (const std::runtime_error&) {
        if (std::current_exception() == what) ++thrown;
      }
    };
    const auto a = spawn(get);
    const auto b = spawn(get);
    sleep();
    failed.set_exception(what);
    joinall({a, b});
    get();
  });

  CHECK(thrown == 3);
}

// event.TestAsyncResult.test_set_with_timeout, .test_nonblocking_get
TEST_CASE("gevent 145: get() throws when its time is up, get_nowait() at once",
          "[conformance][async_result]") {
  Log log;

  run_hub([&](TestHub& h) {
    AsyncResult<int> unset;
    const auto other = spawn([&] { log.push_back("other"); });
    CHECK_THROWS_AS(unset.get_nowait(), TimeoutError);
    log.push_back("main");
    CHECK_THROWS_AS(unset.get(1s), TimeoutError);
    CHECK(h.elapsed() == 1s);
  });

  CHECK(log == Log{"main", "other"});
}

// event.TestAsyncResultWait
TEST_CASE("gevent 146: wait() returns the value, or null, and never throws",
          "[conformance][async_result]") {
  run_hub([&](TestHub& h) {
    AsyncResult<int> result;
    CHECK(result.wait(1s) == nullptr);
    CHECK(h.elapsed() == 1s);
    result.set_exception(error("boom"));
    CHECK(result.wait() == nullptr);
    result.set(5);
    CHECK(*result.wait() == 5);
  });
}

// event.TestAsyncResult.test_set
TEST_CASE("gevent 147: an outer Timeout's own exception interrupts get()",
          "[conformance][async_result]") {
  run_hub([&] {
    AsyncResult<int> result;
    const Timeout outer = Timeout::start_new<TooLong>(1s, "outer");
    CHECK_THROWS_AS(result.get(), TooLong);
    result.set(5);
    CHECK(result.get() == 5);
  });
}

TEST_CASE("gevent 148: set() without a value makes it ready",
          "[conformance][async_result]") {
  run_hub([&] {
    AsyncResult<> result;
    CHECK_FALSE(result.ready());
    spawn([&] { result.set(); });
    result.get();
    CHECK(result.ready());
    CHECK(result.successful());
  });
}

TEST_CASE("gevent 149: it can be set again, and what was set last counts",
          "[conformance][async_result]") {
  run_hub([&] {
    AsyncResult<int> result;
    result.set(1);
    result.set(2);
    CHECK(result.get() == 2);
    // Unlike gevent, where a value takes precedence over an exception.
    result.set_exception(error("boom"));
    CHECK_FALSE(result.successful());
    CHECK_THROWS_WITH(result.get(), "boom");
    result.set(3);
    CHECK(result.successful());
    CHECK(result.get() == 3);
  });
}

TEST_CASE("gevent 150: greenlets wake from get() in FIFO order",
          "[conformance][async_result]") {
  Log log;

  run_hub([&] {
    AsyncResult<int> result;
    const auto getter = [&](const char* name) {
      return spawn([&, name] { result.get(), log.push_back(name); });
    };
    const auto a = getter("first");
    const auto b = getter("second");
    const auto c = getter("third");
    sleep();
    result.set(5);
    joinall({a, b, c});
  });

  CHECK(log == Log{"first", "second", "third"});
}

TEST_CASE("gevent 151: a killed greenlet has no value to pass on",
          "[conformance][async_result]") {
  run_hub([&] {
    AsyncResult<int> result;
    const auto source = spawn([] { return sleep(100s), 5; });
    source->link([&](Greenlet&) {
      // Unlike gevent, where the GreenletExit is the value, it is thrown.
      try {
        result.set(source->get());
      } catch (const GreenletExit&) {
        result.set_exception(std::current_exception());
      }
    });
    source->kill_soon();
    CHECK_THROWS_AS(result.get(), GreenletExit);
  });
}

// event.TestAsyncResultAsLinkTarget.test_set, .test_set_exception
TEST_CASE(
    "gevent 152: of results linked by link, link_value and link_exception, "
    "those that match are set",
    "[conformance][async_result]") {
  run_hub([&] {
    struct Results {
      explicit Results(Greenlet& g) {
        g.link([this](Greenlet&) { ended.set(); });
        g.link_value([this](Greenlet&) { well.set(); });
        g.link_exception([this](Greenlet& failed) {
          failure.set_exception(failed.exception());
        });
      }
      AsyncResult<> ended;
      AsyncResult<> well;
      AsyncResult<> failure;
    };
    const auto returns = spawn([] {});
    const auto throws = spawn([] { throw std::runtime_error("boom"); });
    Results of_returned(*returns);
    Results of_failed(*throws);
    sleep(1s);
    CHECK(of_returned.ended.ready());
    CHECK(of_returned.well.ready());
    CHECK_FALSE(of_returned.failure.ready());
    CHECK(of_failed.ended.ready());
    CHECK_FALSE(of_failed.well.ready());
    CHECK_THROWS_WITH(of_failed.failure.get(), "boom");
  });
}

// event.TestAsyncResult.test_set_exc
TEST_CASE("gevent 153: it has no exception() while it is unset",
          "[conformance][async_result]") {
  run_hub([&] {
    AsyncResult<int> result;
    CHECK(result.exception() == nullptr);
    CHECK(result.value() == nullptr);
    result.set_exception(error("boom"));
    CHECK(result.exception() != nullptr);
  });
}

}  // namespace
}  // namespace greenroom::test
