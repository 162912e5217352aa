// How many messages an actor handles before others have a turn.

#include "../support/catch2.hpp"
#include "../support/run_hub.hpp"
#include "../support/scripted.hpp"

#include <greenroom/messaging/recipient.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;
using Log = std::vector<std::string>;

TEST_CASE("recipient: handles at most 64 messages before others have a turn",
          "[messaging][recipient]") {
  std::vector<char> order;
  run_hub([&] {
    const auto logs = [&](char name) {
      return Script{
          .receive = [&order, name](Message&) { order.push_back(name); }};
    };
    auto a = spawn<Scripted>(logs('a'));
    auto b = spawn<Scripted>(logs('b'));
    for (int i = 0; i < 1'000; ++i) a.send(i), b.send(i);
  });

  REQUIRE(order.size() == 2'000);
  std::size_t longest = 0;
  std::size_t run = 0;
  for (std::size_t i = 0; i < std::size_t{2} * 960;
       ++i) {  // while both have something
    run = i > 0 && order[i] == order[i - 1] ? run + 1 : 1;
    longest = std::max(longest, run);
  }
  CHECK(longest == 64);
}

TEST_CASE("recipient: what arrives while it handles waits for its next turn",
          "[messaging][recipient]") {
  Log log;
  run_hub([&] {
    ActorRef self;
    self = spawn<Scripted>(Script{.receive = [&](Message& m) {
      log.push_back(std::to_string(m.as<int>()));
      if (m.as<int>() < 3) self.send(m.as<int>() + 1);
    }});
    idle();
    self.send(1);
    auto other = spawn([&] { log.push_back("other"); });
    wait();
  });

  CHECK(log == Log{"1", "other", "2", "3"});
}

TEST_CASE(
    "recipient: one that never runs dry starves neither timers nor others",
    "[messaging][recipient]") {
  int handled = 0;
  bool woke = false;
  {
    const Hub hub;  // on real time: only a flood that lets it pass can end
    ActorRef self;
    self = spawn<Scripted>(Script{.receive = [&](Message&) {
      ++handled;
      self.send(0);
    }});
    self.send(0);
    sleep(1ms);
    woke = true;
    self.stop();
    self.join();
  }

  CHECK(woke);
  CHECK(handled > 0);
}

}  // namespace
}  // namespace greenroom::test
