#include "../../support/catch2.hpp"
#include "../../support/run_hub.hpp"

#include <greenroom/runtime/core/errors.hpp>
#include <greenroom/runtime/tasks/places.hpp>

#include <string>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;

using detail::Places;
using Log = std::vector<std::string>;

TEST_CASE("places: the one that waited longest gets the next place",
          "[runtime][places]") {
  Log log;

  run_hub([&] {
    Places places(1);
    const auto take = [&](const char* name) {
      if (places.take(forever)) log.emplace_back(name);
    };
    take("main");
    const auto a = spawn(take, "a");
    const auto b = spawn(take, "b");
    sleep();
    places.give_back();
    CHECK(places.free() == 0);  // it is a's now
    CHECK_FALSE(places.take(0s));
    places.give_back();
    joinall({a, b});
    places.give_back();
    CHECK(places.free() == 1);
  });

  CHECK(log == Log{"main", "a", "b"});
}

TEST_CASE("places: a kill that comes with the place does not lose it",
          "[runtime][places]") {
  run_hub([] {
    Places places(1);
    CHECK(places.take(forever));
    bool got_it = false;
    const auto taker = spawn([&] {
      got_it = places.take(forever);
      places.give_back();
    });
    sleep();
    places.give_back();
    taker->kill();
    CHECK(got_it);
    CHECK(places.free() == 1);
  });
}

TEST_CASE("places: room that is made later lets in those that wait",
          "[runtime][places]") {
  Log log;

  run_hub([&] {
    Places places(0);
    const auto a =
        spawn([&] { log.emplace_back(places.take(forever) ? "a" : ""); });
    const auto b =
        spawn([&] { log.emplace_back(places.take(1s) ? "b" : "late"); });
    sleep();
    places.set_capacity(1);
    joinall({a, b});
    places.set_capacity(0);
    places.set_capacity(2);
    CHECK(places.free() == 1);
  });

  CHECK(log == Log{"a", "late"});
}

TEST_CASE("places: those who wait are told that it is closed",
          "[runtime][places]") {
  run_hub([] {
    Places places(0);
    const auto taker = spawn([&] { return places.take(forever); });
    const auto looker = spawn([&] { return places.wait_free(forever); });
    sleep();
    places.close();
    CHECK_THROWS_AS(taker->get(), PoolClosed);
    CHECK(looker->get() == 0);
    CHECK_THROWS_AS(places.take(0s), PoolClosed);
  });
}

}  // namespace
}  // namespace greenroom::test
