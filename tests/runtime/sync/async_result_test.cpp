#include "../../support/catch2.hpp"
#include "../../support/dies.hpp"
#include "../../support/run_hub.hpp"

#include <greenroom/runtime/sync/async_result.hpp>

#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;

std::exception_ptr boom() {
  return std::make_exception_ptr(std::runtime_error("boom"));
}

TEST_CASE("async_result: get() parks until there is a value",
          "[runtime][async_result]") {
  run_hub([&](TestHub& h) {  // gevent 144
    AsyncResult<int> result;
    CHECK_FALSE(result.ready());
    CHECK_FALSE(result.successful());
    CHECK(result.value() == nullptr);
    CHECK(result.exception() == nullptr);  // gevent 153
    spawn_later(1s, [&] { result.set(5); });
    CHECK(result.get() == 5);
    CHECK(h.elapsed() == 1s);
    CHECK(result.ready());
    CHECK(result.successful());
    CHECK(*result.value() == 5);
  });
}

TEST_CASE("async_result: an exception reaches everybody, as one object",
          "[runtime][async_result]") {
  std::vector<const std::exception*> caught;

  run_hub([&] {  // gevent 144, test__event.TestAsyncResult.test_set_exc
    AsyncResult<int> result;
    const auto getter = [&] {
      try {
        result.get();
      } catch (const std::runtime_error& e) {
        caught.push_back(&e);
      }
    };
    const auto a = spawn(getter);
    const auto b = spawn(getter);
    sleep();
    result.set_exception(boom());
    getter();
    joinall({a, b});
    CHECK(result.ready());
    CHECK_FALSE(result.successful());
    CHECK(result.value() == nullptr);
    CHECK_THROWS_WITH(std::rethrow_exception(result.exception()), "boom");
  });

  REQUIRE(caught.size() == 3);
  CHECK(caught[0] == caught[1]);
  CHECK(caught[1] == caught[2]);
}

TEST_CASE("async_result: get() throws TimeoutError, get_nowait() at once",
          "[runtime][async_result]") {
  run_hub([&](TestHub& h) {
    // gevent 145, test__event.TestAsyncResult.test_set_with_timeout
    AsyncResult<int> result;
    CHECK_THROWS_AS(result.get(1s), TimeoutError);
    CHECK(h.elapsed() == 1s);
    CHECK_THROWS_AS(result.get_nowait(), TimeoutError);
    result.set(5);
    CHECK(result.get_nowait() == 5);
    CHECK(result.get(0s) == 5);
    result.set_exception(boom());
    CHECK_THROWS_WITH(result.get_nowait(), "boom");
  });
}

TEST_CASE("async_result: wait() gives the value, or null, and never throws",
          "[runtime][async_result]") {
  run_hub([&] {  // gevent 146, test__event.TestAsyncResultWait
    AsyncResult<int> result;
    CHECK(result.wait(1s) == nullptr);
    spawn_later(1s, [&] { result.set(5); });
    REQUIRE(result.wait() != nullptr);
    CHECK(*result.wait() == 5);
    result.set_exception(boom());
    CHECK(result.wait() == nullptr);
  });
}

TEST_CASE("async_result: get() does not give way if it is ready",
          "[runtime][async_result]") {
  std::vector<std::string> log;

  run_hub([&] {
    AsyncResult<int> result;
    result.set(1);
    spawn([&] { log.push_back("other"); });
    result.get();
    result.wait();
    log.push_back("getter");
  });

  CHECK(log == std::vector<std::string>{"getter", "other"});
}

TEST_CASE("async_result: waiters wake in the order they began to wait",
          "[runtime][async_result]") {
  std::vector<int> log;

  run_hub([&] {  // gevent 150
    AsyncResult<int> result;
    std::vector<GreenletPtr> getters;
    for (int i = 0; i < 4; ++i)
      getters.push_back(spawn([&, i] { log.push_back(result.get() + i); }));
    sleep();
    result.set(10);
    log.push_back(0);
    joinall(getters);
  });

  CHECK(log == std::vector<int>{0, 10, 11, 12, 13});
}

TEST_CASE("async_result: the last value or exception counts",
          "[runtime][async_result]") {
  run_hub([&] {  // gevent 149; unlike there, an exception replaces a value, too
    AsyncResult<int> result;
    result.set(1);
    result.set(2);
    CHECK(result.get() == 2);
    result.set_exception(boom());
    CHECK_FALSE(result.successful());
    CHECK_THROWS_WITH(result.get(), "boom");
    result.set(3);
    CHECK(result.successful());
    CHECK(result.exception() == nullptr);
    CHECK(result.get() == 3);
  });
}

TEST_CASE("async_result: without a type it only tells that it happened",
          "[runtime][async_result]") {
  run_hub([&] {  // gevent 148
    AsyncResult<> result;
    spawn([&] { result.set(); });
    result.get();
    CHECK(result.successful());
  });
}

TEST_CASE("async_result: take() moves a move-only value out",
          "[runtime][async_result]") {
  run_hub([&] {
    AsyncResult<std::unique_ptr<int>> result;
    spawn([&] { result.set(std::make_unique<int>(5)); });
    const std::unique_ptr<int> taken = result.take();
    CHECK(*taken == 5);
    CHECK(result.ready());
    CHECK(result.get() == nullptr);
  });
}

TEST_CASE("async_result: builds the value in place",
          "[runtime][async_result]") {
  run_hub([&] {
    AsyncResult<std::string> result;
    result.set(3, 'x');
    CHECK(result.get() == "xxx");
  });
}

TEST_CASE("async_result: can be moved while nobody waits",
          "[runtime][async_result]") {
  run_hub([&] {
    const auto make = [] {
      AsyncResult<int> result;
      result.set(5);
      return result;
    };
    AsyncResult<int> result = make();
    CHECK(result.get() == 5);
    AsyncResult<int> unset;
    AsyncResult<int> moved = std::move(unset);
    spawn([&] { moved.set(6); });
    CHECK(moved.get() == 6);
  });
}

TEST_CASE("async_result: a killed or late getter waits no longer",
          "[runtime][async_result]") {
  std::vector<std::string> log;

  run_hub([&] {
    AsyncResult<std::string> result;
    const auto killed = spawn([&] { log.push_back(result.get()); });
    const auto late =
        spawn([&] { CHECK_THROWS_AS(result.get(1s), TimeoutError); });
    sleep();
    killed->kill();
    sleep(2s);
    result.set("value");
    joinall({killed, late});
  });

  CHECK(log.empty());
}

TEST_CASE("async_result: set() in a callback of the hub wakes waiters",
          "[runtime][async_result]") {
  run_hub([&] {
    AsyncResult<int> result;
    Hub& hub = Hub::current();
    std::thread other([&] { hub.post([&] { result.set(5); }); });
    CHECK(result.get() == 5);
    other.join();
  });
}

TEST_CASE("async_result: use from another thread aborts with a sentence",
          "[runtime][async_result]") {
  const auto misuse = [](auto call) {
    return death_of([&] {
      run_hub([&] {
        AsyncResult<int> result;
        std::thread([&] { call(result); }).join();
      });
    });
  };

  const Death set = misuse([](auto& result) { result.set(1); });
  CHECK(set.signal == SIGABRT);
  CHECK(set.message.find("AsyncResult::set called from a thread") !=
        std::string::npos);
  CHECK(misuse([](auto& r) { r.set_exception(boom()); }).signal == SIGABRT);
  CHECK(misuse([](auto& r) { r.get(); }).signal == SIGABRT);
  CHECK(misuse([](auto& r) { r.wait(); }).signal == SIGABRT);
  CHECK(misuse([](auto& r) { r.get_nowait(); }).signal == SIGABRT);
}

}  // namespace
}  // namespace greenroom::test
