#include "../../support/catch2.hpp"
#include "../../support/dies.hpp"
#include "../../support/run_hub.hpp"

#include <greenroom/runtime/core/report.hpp>

#include <algorithm>
#include <cstdio>
#include <functional>
#include <stdexcept>
#include <string>
#include <typeinfo>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;

// What a program with this hub prints to stderr. The "mark" lines show when.
std::string said_by(const std::function<void()>& body) {
  return death_of([&] { run_hub(body); }).message;
}

void mark(const char* text) { std::fprintf(stderr, "%s\n", text); }

[[noreturn]] void fail() { throw std::runtime_error("disk full"); }

const std::string report =
    "greenroom: actor failed with std::runtime_error: disk full\n";

TEST_CASE("report: a failure is printed at once if nobody could look",
          "[runtime][report]") {
  CHECK(said_by([] {
          spawn({.name = "actor"}, &fail);
          sleep();
          mark("after");
        }) == report + "after\n");
}

TEST_CASE("report: a held failure is printed when the last handle goes",
          "[runtime][report]") {
  CHECK(said_by([] {
          auto g = spawn({.name = "actor"}, &fail);
          auto second = g;
          sleep();
          mark("ended");
          g.reset();
          mark("one left");
          second.reset();
          mark("none left");
        }) == "ended\none left\n" + report + "none left\n");
}

TEST_CASE("report: joining is not looking", "[runtime][report]") {
  CHECK(said_by([] {
          const auto g = spawn({.name = "actor"}, &fail);
          g->join();
          joinall({g});
          mark("joined");
        }) == "joined\n" + report);
}

TEST_CASE("report: nothing is printed once somebody has looked",
          "[runtime][report]") {
  const auto looked_at_by = [](const std::function<void(Greenlet&)>& look) {
    return said_by([&] {
      const auto g = spawn({.name = "actor"}, &fail);
      sleep();
      look(*g);
    });
  };

  CHECK(looked_at_by([](Greenlet& g) {
          try {
            g.get();
          } catch (const std::runtime_error&) {
          }
        }).empty());
  CHECK(looked_at_by([](Greenlet& g) { (void)g.exception(); }).empty());
  CHECK(looked_at_by([](Greenlet& g) { (void)g.successful(); }).empty());
  CHECK(looked_at_by([](Greenlet& g) {
          try {
            joinall({&g}, forever, raise_error);
          } catch (const std::runtime_error&) {
          }
        }).empty());
  CHECK(looked_at_by([](Greenlet& g) { g.link([](Greenlet&) {}); }).empty());
}

TEST_CASE("report: a link that hears of the failure has looked",
          "[runtime][report]") {
  const auto linked_by = [](const std::function<void(Greenlet&)>& link) {
    return said_by([&] {
      auto g = spawn({.name = "actor"}, &fail);
      link(*g);
      g.reset();
      sleep();
      sleep();
    });
  };

  CHECK(linked_by([](Greenlet& g) { g.link([](Greenlet&) {}); }).empty());
  CHECK(linked_by([](Greenlet& g) {
          g.link_exception([](Greenlet&) {});
        }).empty());
  CHECK(linked_by([](Greenlet& g) { g.link_value([](Greenlet&) {}); }) ==
        report);
  CHECK(linked_by([](Greenlet& g) { g.unlink(g.link([](Greenlet&) {})); }) ==
        report);
}

TEST_CASE("report: a good end and a kill say nothing", "[runtime][report]") {
  CHECK(said_by([] {  // gevent 43
          spawn([] {});
          spawn([] { throw GreenletExit(); });
          spawn([] { sleep(forever); });
          sleep();
        })
            .empty());
}

TEST_CASE("report: a greenlet killed with an error has failed",
          "[runtime][report]") {
  const auto error = std::make_exception_ptr(std::runtime_error("disk full"));
  CHECK(said_by([&] {
          auto g = spawn({.name = "actor"}, [] { sleep(forever); });
          sleep();
          g->kill_soon(error);
          g.reset();
          sleep();
          mark("after");
        }) == report + "after\n");
}

TEST_CASE("report: describe() says type and text", "[runtime][report]") {
  struct Odd {};
  const auto described = [](auto what) {
    return detail::describe(std::make_exception_ptr(what));
  };

  CHECK(described(std::out_of_range("row 7")) == "std::out_of_range: row 7");
  CHECK(described(LoopExit("stuck")) == "greenroom::LoopExit: stuck");
  CHECK(described(TimeoutError(1s, "row 7")) ==
        "greenroom::TimeoutError: 1 seconds: row 7");
  CHECK(described(GreenletExit("curtain")) == "curtain");
  CHECK(described(5) == "int");
  CHECK(described(Odd()).find("Odd") != std::string::npos);
}

TEST_CASE("report: describe() leaves the exception being handled alone",
          "[runtime][report]") {
  std::string text;
  try {
    throw std::runtime_error("outer");
  } catch (const std::runtime_error&) {
    (void)detail::describe(std::make_exception_ptr(5));
    text = detail::describe(std::current_exception());
  }
  CHECK(text == "std::runtime_error: outer");
}

TEST_CASE("report: types are written as in C++", "[runtime][report]") {
  CHECK(detail::readable_type(typeid(std::vector<int>).name()) ==
        "std::vector<int, std::allocator<int> >");
  CHECK(detail::readable_type("not a mangled name") == "not a mangled name");
}

TEST_CASE("report: describe_waits() has a line for each who waits, up to 50",
          "[runtime][report]") {
  run_hub([] {
    Event event;
    const auto a = spawn({.name = "a"}, [&] { event.wait(); });
    sleep(1500ms);
    const std::string one = detail::describe_waits(Hub::current());
    CHECK(one.find("  a waits for an event (0x") == 0);
    CHECK(one.find("), for 1.5 s\n") != std::string::npos);

    for (int i = 0; i < 60; ++i) spawn([&] { event.wait(); });
    sleep();
    const std::string many = detail::describe_waits(Hub::current());
    CHECK(std::count(many.begin(), many.end(), '\n') == 51);
    CHECK(many.find("  and 11 more\n") != std::string::npos);
  });
}

TEST_CASE("report: says who waits for its start", "[runtime][report]") {
  run_hub([] {
    const auto g = spawn_later(1s, [] {});
    CHECK(detail::describe_waits(Hub::current())
              .find(g->name() + " waits for its start") != std::string::npos);
  });
}

}  // namespace
}  // namespace greenroom::test
