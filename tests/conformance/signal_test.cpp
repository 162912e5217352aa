// gevent's signal handlers, number by number: README.md.

#include "../support/catch2.hpp"
#include "../support/dies.hpp"
#include "../support/run_hub.hpp"

#include <greenroom/runtime/core/errors.hpp>
#include <greenroom/runtime/core/hub.hpp>
#include <greenroom/runtime/core/shutdown.hpp>
#include <greenroom/runtime/net/process/subprocess.hpp>
#include <greenroom/runtime/net/signals.hpp>
#include <greenroom/runtime/sync/event.hpp>
#include <greenroom/runtime/tasks/join.hpp>
#include <greenroom/runtime/tasks/spawn.hpp>

#include <algorithm>
#include <csignal>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;
using net::on_signal;

using Log = std::vector<std::string>;

TEST_CASE("gevent 26, 369: a signal handler does not keep the hub running",
          "[conformance][signal]") {
  const Hub hub;  // test__hub_join_timeout, test__signal.TestSignal.test_alarm
  auto handler = on_signal(SIGUSR2, [] {});
  CHECK(wait());
  Event never;
  CHECK_THROWS_AS(never.wait(), LoopExit);
  handler.cancel();
}

TEST_CASE(
    "gevent 368: a handler runs later, in a greenlet of its own, and may "
    "wait",
    "[conformance][signal]") {
  const Hub hub;  // test__signal.TestSignal.test_alarm
  Log log;
  Event all_begun;
  Event done;
  const auto note = [&](const std::string& who) {
    log.push_back(
        who + (&current() == &Hub::current().main() ? " in main" : " begins"));
    if (log.size() == 3) all_begun.set();
    all_begun.wait();
    log.push_back(who + " has waited");
    if (log.size() == 5) done.set();
  };
  auto first = on_signal(SIGUSR2, note, "first");
  auto second = on_signal(SIGUSR2, note, "second");

  raise(SIGUSR2);
  log.emplace_back("raised");
  while (!done.is_set()) sleep();
  std::sort(log.begin() + 1, log.begin() + 3);  // both, in any order
  std::sort(log.begin() + 3, log.end());
  CHECK(log == Log{"raised", "first begins", "second begins",
                   "first has waited", "second has waited"});

  log.clear();
  first.cancel();
  raise(SIGUSR2);  // the other one is still there
  while (log.size() < 2) sleep();
  CHECK(log == Log{"second begins", "second has waited"});
  second.cancel();
}

TEST_CASE("gevent 370: a handler that throws is reported, and thrown in main",
          "[conformance][signal]") {
  Log log;  // test__signal.TestSignal.test_alarm
  HubOptions options;
  options.handle_error = [&](const std::string& who,
                             const std::exception_ptr&) { log.push_back(who); };
  const Hub hub(std::move(options));
  auto handler =
      on_signal(SIGUSR2, [] { throw std::runtime_error("Expected"); });
  for (int times = 0; times < 2; ++times) {
    raise(SIGUSR2);
    CHECK_THROWS_WITH(sleep(1h), "Expected");
  }
  handler.cancel();
  CHECK(log == Log(2, "the handler of signal " + std::to_string(SIGUSR2)));
}

template <class F>
concept Handler = requires(F f) {
  on_signal(SIGUSR2, f);
};

TEST_CASE("gevent 371: what cannot be called is refused",
          "[conformance][signal]") {
  // test__signal.TestSignal.test_handler; here, by the compiler.
  STATIC_REQUIRE(Handler<void (*)()>);
  STATIC_REQUIRE_FALSE(Handler<int>);
  STATIC_REQUIRE_FALSE(Handler<void (*)(int)>);
  const Hub hub;
  CHECK_THROWS_AS(net::handle_signal(SIGUSR2, nullptr), std::invalid_argument);
}

TEST_CASE("gevent 372: of two signals at once, at least one is handled",
          "[conformance][signal]") {
  const Hub hub;
  int heard = 0;
  auto handler = on_signal(SIGUSR2, [&] { ++heard; });
  raise(SIGUSR2);
  raise(SIGUSR2);
  while (heard == 0) sleep();
  for (int turn = 0; turn < 1000; ++turn) sleep();
  handler.cancel();
  CHECK(heard >= 1);
  CHECK(heard <= 2);
}

TEST_CASE("gevent 373: SIGINT ends the program, unless there is a handler",
          "[conformance][signal]") {
  // Unlike gevent, where the main greenlet gets an exception; a handler can do
  // the same.
  CHECK(death_of([] {
          const Hub hub;
          raise(SIGINT);
        }).signal == SIGINT);

  const Hub hub;
  auto handler = on_signal(SIGINT, [] {
    Hub::current().main().kill_soon(
        std::make_exception_ptr(std::runtime_error("interrupted")));
  });
  raise(SIGINT);
  CHECK_THROWS_WITH(sleep(1h), "interrupted");
  handler.cancel();
}

TEST_CASE("gevent 374: handlers of SIGCHLD and child programs work together",
          "[conformance][signal]") {
  const Hub hub;  // test__monkey_sigchld, _2, _3
  int heard = 0;
  auto handler = on_signal(SIGCHLD, [&] { ++heard; });
  CHECK(net::Popen({"true"}).wait() == 0);
  while (heard == 0) sleep();
  handler.cancel();
  CHECK(net::Popen({"true"}).wait() == 0);
}

TEST_CASE("gevent 376: a signal that kills a greenlet lets its joiner go on",
          "[conformance][signal]") {
  // The tutorial's; test__signal. Time is virtual.
  for (const bool all_of_them_at_once : {false, true}) {
    run_hub([&] {
      const auto forever_asleep = spawn([] { sleep(1000s); });
      auto handler = all_of_them_at_once
                         ? on_signal(SIGQUIT, shutdown)
                         : on_signal(
                               SIGQUIT, [](const GreenletPtr& g) { g->kill(); },
                               forever_asleep);
      spawn_later(300ms, [] { raise(SIGQUIT); });
      forever_asleep->join();
      CHECK(forever_asleep->successful());
      CHECK(forever_asleep->dead());
      CHECK_THROWS_AS(forever_asleep->get(), GreenletExit);
      handler.cancel();
    });
  }
}

}  // namespace
}  // namespace greenroom::test
