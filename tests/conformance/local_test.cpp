// gevent's behaviours 243-250: Local.

#include "../support/catch2.hpp"
#include "../support/counted.hpp"
#include "../support/run_hub.hpp"

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;
using Log = std::vector<std::string>;
using Stash = std::map<std::string, int>;
using Tracked = std::unique_ptr<Counted>;

TEST_CASE("gevent 243: what one greenlet stores is invisible in others",
          "[conformance][local]") {
  Log log;

  run_hub([&] {  // local.TestGeventLocal.test_attribute_error, golden 29
    Local<Stash> stash;
    const auto f1 = spawn([&] {
      (*stash)["x"] = 1;
      log.push_back(std::to_string(stash->at("x")));
    });
    const auto f2 = spawn([&] {
      (*stash)["y"] = 2;
      log.push_back(std::to_string(stash->at("y")));
      if (!stash->contains("x")) log.push_back("x is not local to f2");
    });
    joinall({f1, f2});
    CHECK(stash.find() == nullptr);
    CHECK(stash->empty());
  });

  CHECK(log == Log{"1", "2", "x is not local to f2"});
}

TEST_CASE(
    "gevent 244: values end with their greenlet, even if somebody holds it",
    "[conformance][local]") {
  Counts counts;

  run_hub([&] {
    // test_locals_collected_when_greenlet_dead_but_still_referenced
    const Local<Tracked> local(
        [&] { return std::make_unique<Counted>(counts); });
    const auto ends = spawn([&] { static_cast<void>(*local); });
    const auto killed = spawn([&] {
      static_cast<void>(*local);
      sleep(1h);
    });
    ends->join();
    CHECK(counts.alive == 1);
    killed->kill();
    CHECK(counts.alive == 0);
    CHECK(ends->dead());
    CHECK(killed->dead());
  });
}

TEST_CASE("gevent 245: the end of a Local destroys its values",
          "[conformance][local]") {
  Counts counts;
  std::vector<int> alive;

  run_hub([&] {
    // test_locals_collected_when_unreferenced_even_in_running_greenlet
    const auto g = spawn([&] {
      for (int i = 0; i < 1000; ++i) {
        const Local<Tracked> local(
            [&] { return std::make_unique<Counted>(counts); });
        static_cast<void>(*local);
        if (i % 500 == 0) alive.push_back(counts.alive);
      }
      alive.push_back(counts.alive);
      alive.push_back(static_cast<int>(describe_locals(current()).size()));
    });
    g->join();
  });

  CHECK(alive == std::vector<int>{1, 1, 0, 0});
}

TEST_CASE("gevent 246: the factory runs in each greenlet that first touches it",
          "[conformance][local]") {
  Log log;

  run_hub([&] {
    const std::string_view argument = "argument";
    const Local<std::string> local([&log, argument] {
      log.push_back(current().name() + " with " + std::string(argument));
      return std::string(argument);
    });
    const auto touch = [&] { return local->size() + local->size(); };
    joinall({spawn({.name = "a"}, touch), spawn({.name = "b"}, touch)});
    CHECK(touch() == 2 * argument.size());
  });

  CHECK(log == Log{"a with argument", "b with argument", "main with argument"});
}

// local.TestGeventLocal.test_create_local_subclass_init_args
TEST_CASE("gevent 247: a Local takes a factory, and no other arguments",
          "[conformance][local]") {
  STATIC_REQUIRE(std::is_default_constructible_v<Local<int>>);
  STATIC_REQUIRE_FALSE(std::is_constructible_v<Local<int>, int>);
  STATIC_REQUIRE_FALSE(std::is_constructible_v<Local<int>, int, int>);
  STATIC_REQUIRE_FALSE(std::is_copy_constructible_v<Local<int>>);
}

TEST_CASE("gevent 250: the Locals of a greenlet can be listed",
          "[conformance][local]") {
  run_hub([&] {  // local.TestGeventLocal.test_local_dicts_for_greenlet
    const Local<int> number;
    const Local<Counts> counts;
    const auto g = spawn([&] {
      static_cast<void>(*number);
      static_cast<void>(*counts);
      sleep(1s);
    });
    sleep();
    CHECK(describe_locals(*g) == Log{"int", "greenroom::test::Counts"});
    CHECK(describe_locals(current()).empty());
    g->join();
    CHECK(describe_locals(*g).empty());
  });
}

}  // namespace
}  // namespace greenroom::test
