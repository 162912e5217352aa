#include "../../support/catch2.hpp"
#include "../../support/dies.hpp"

#include <greenroom/runtime/core/hub.hpp>
#include <greenroom/runtime/net/signals.hpp>
#include <greenroom/runtime/sync/event.hpp>
#include <greenroom/runtime/tasks/join.hpp>
#include <greenroom/runtime/tasks/spawn.hpp>

#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

namespace greenroom::test {
namespace {

using net::on_signal;

using Log = std::vector<std::string>;

TEST_CASE("signals: arguments are copied, and the same each time",
          "[runtime][net][signals]") {
  const Hub hub;
  Log log;
  std::string word = "first";
  auto handler = on_signal(
      SIGUSR2, [&](const std::string& kept) { log.push_back(kept); }, word);
  word = "changed";
  for (std::size_t times = 1; times <= 2; ++times) {
    raise(SIGUSR2);
    while (log.size() < times) sleep();
  }
  handler.cancel();
  CHECK(log == Log{"first", "first"});
}

TEST_CASE("signals: numbers that cannot be handled are refused",
          "[runtime][net][signals]") {
  const Hub hub;
  CHECK_THROWS_AS(on_signal(SIGKILL, [] {}), std::system_error);
  CHECK_THROWS_AS(on_signal(-1, [] {}), std::system_error);
  CHECK_THROWS_AS(on_signal(10'000, [] {}), std::system_error);
}

TEST_CASE("signals: a hub that only gives way hears them, too",
          "[runtime][net][signals]") {
  const Hub hub;
  bool heard = false;
  auto handler = on_signal(SIGUSR2, [&] { heard = true; });
  raise(SIGUSR2);
  while (!heard) sleep();  // is always ready
  handler.cancel();
  CHECK(heard);
}

// Another hub, which listens to SIGUSR2 once this is made, and sets `heard`.
std::thread listens_elsewhere(Event& heard) {
  Event listens;
  std::thread other([&, &here = Hub::current()] {
    const Hub its_hub;
    Event heard_there;
    auto handler = on_signal(SIGUSR2, [&] { heard_there.set(); });
    here.post([&] { listens.set(); });
    heard_there.wait();
    here.post([&] { heard.set(); });
  });
  listens.wait();
  return other;
}

TEST_CASE("signals: all hubs that listen hear it", "[runtime][net][signals]") {
  const Hub hub;
  Event heard_here;
  Event heard_there;
  auto handler = on_signal(SIGUSR2, [&] { heard_here.set(); });
  auto other = listens_elsewhere(heard_there);
  kill(getpid(), SIGUSR2);
  heard_here.wait();
  heard_there.wait();
  other.join();
  handler.cancel();
  CHECK(heard_there.is_set());
}

TEST_CASE("signals: others wait for a hub that a signal may wake",
          "[runtime][net][signals]") {
  const Hub hub;
  Event heard_there;
  auto handler = on_signal(SIGUSR2, [] {});
  auto other = listens_elsewhere(heard_there);
  // Long after a hub looks whether anybody can wake it.
  const std::string later =
      "(sleep 0.2; kill -USR2 " + std::to_string(getpid()) + ") &";
  CHECK(std::system(later.c_str()) == 0);
  CHECK_NOTHROW(heard_there.wait());
  other.join();
}

TEST_CASE("signals: a handler that is killed under way is not a failure",
          "[runtime][net][signals]") {
  Log reports;
  HubOptions options;
  options.handle_error = [&](const std::string& who,
                             const std::exception_ptr&) {
    reports.push_back(who);
  };
  const Hub hub(std::move(options));
  GreenletPtr under_way;
  Event began;
  auto handler = on_signal(SIGUSR2, [&] {
    under_way = GreenletPtr(&current());
    began.set();
    sleep(std::chrono::hours(1));
  });
  raise(SIGUSR2);
  while (!began.is_set()) sleep();
  handler.cancel();
  CHECK(under_way->name() == "signal " + std::to_string(SIGUSR2));
  CHECK(under_way->kill());
  sleep();
  CHECK(reports.empty());
}

TEST_CASE("signals: the handle may outlive the hub",
          "[runtime][net][signals]") {
  std::optional<net::SignalHandler> handler;
  {
    const Hub hub;
    handler = on_signal(SIGUSR2, [] {});
  }
  handler->cancel();  // nothing, and nobody is hurt
  const Hub next;
  CHECK(wait());
}

TEST_CASE("signals: without its last handler, a signal acts as before",
          "[runtime][net][signals]") {
  const Death death = death_of([] {
    auto handler = on_signal(SIGUSR2, [] {});
    handler.cancel();
    handler.cancel();
    raise(SIGUSR2);
  });
  CHECK(death.signal == SIGUSR2);
}

}  // namespace
}  // namespace greenroom::test
