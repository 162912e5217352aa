// What a bounded inbox does to senders of its own hub. From elsewhere:
// tests/messaging/bound_across_hubs_test.cpp.

#include "../support/catch2.hpp"
#include "../support/counted.hpp"
#include "../support/run_hub.hpp"
#include "../support/scripted.hpp"

#include <greenroom/messaging/recipient.hpp>

#include <string>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;
using Log = std::vector<std::string>;
using Numbers = std::vector<int>;

// An actor that logs numbers and stays in each handler until let go.
class Teller : public Actor {
 public:
  Teller(const InboxLimits& limits, Numbers& log, Event& go)
      : Actor(limits), log_(log), go_(go) {}

 private:
  void receive(Message& message) override {
    log_.push_back(message.is<int>() ? message.as<int>()
                                     : message.as<Counted>().number);
    go_.wait();
  }

  Numbers& log_;
  Event& go_;
};

// Runs `body(teller, go)` with a teller that has message 0 in hand.
template <class Body>
Numbers handled_by_teller(const InboxLimits& limits, Body body) {
  Numbers log;
  run_hub([&] {
    Event go;
    auto teller = spawn<Teller>(limits, log, go);
    teller.send(0);
    idle();
    body(teller, go);
    go.set();
    wait();
  });
  return log;
}

constexpr InboxLimits two_and(WhenFull when_full) {
  return {.capacity = 2, .when_full = when_full};
}

TEST_CASE("recipient: the message in hand does not count against the bound",
          "[messaging][recipient]") {
  const Numbers log =
      handled_by_teller(two_and(WhenFull::fail),
                        [](const auto& teller, Event&) { teller << 1 << 2; });

  CHECK(log == Numbers{0, 1, 2});
}

TEST_CASE("recipient: drop_newest turns new messages into dead letters",
          "[messaging][recipient]") {
  Numbers dropped;
  const Numbers log = handled_by_teller(
      two_and(WhenFull::drop_newest), [&](const auto& teller, Event&) {
        PostOffice::here().subscribe_to_dead_letters([&](const DeadLetter& d) {
          dropped.push_back(d.message.as<int>());
        });
        teller << 1 << 2 << 3 << 4;
      });

  CHECK(log == Numbers{0, 1, 2});
  CHECK(dropped == Numbers{3, 4});
}

TEST_CASE("recipient: drop_oldest turns old messages into dead letters",
          "[messaging][recipient]") {
  Numbers dropped;
  const Numbers log = handled_by_teller(
      two_and(WhenFull::drop_oldest), [&](const auto& teller, Event&) {
        PostOffice::here().subscribe_to_dead_letters([&](const DeadLetter& d) {
          dropped.push_back(d.message.as<int>());
        });
        teller << 1 << 2 << 3 << 4;
      });

  CHECK(log == Numbers{0, 3, 4});
  CHECK(dropped == Numbers{1, 2});
}

TEST_CASE("recipient: fail throws InboxFull, which names the actor",
          "[messaging][recipient]") {
  std::string error;
  Counts counts;
  const Numbers log = handled_by_teller(two_and(WhenFull::fail),
                                        [&](const auto& teller, Event&) {
                                          teller << 1 << 2;
                                          try {
                                            teller.send(Counted(counts, 3));
                                          } catch (const InboxFull& e) {
                                            error = e.what();
                                          }
                                        });

  CHECK_THAT(error, Contains("Teller(hub") && Contains("full"));
  CHECK(log == Numbers{0, 1, 2});
  CHECK(counts.alive == 0);
}

TEST_CASE("recipient: an ask that finds no place fails as the policy says",
          "[messaging][recipient]") {
  bool full = false;
  bool unreachable = false;
  run_hub([&] {
    Numbers log;
    Event go;
    auto fails = spawn<Teller>(two_and(WhenFull::fail), log, go);
    auto drops = spawn<Teller>(two_and(WhenFull::drop_newest), log, go);
    fails << 1 << 2;
    drops << 1 << 2;
    try {
      (void)fails.ask<int>(3);
    } catch (const InboxFull&) {
      full = true;
    }
    try {
      drops.ask<int>(3).get();
    } catch (const ActorUnreachable&) {
      unreachable = true;
    }
    go.set();
    wait();
  });

  CHECK(full);
  CHECK(unreachable);
}

TEST_CASE("recipient: park_sender lets the sender wait, and nobody else",
          "[messaging][recipient]") {
  Log log;
  const Numbers handled = handled_by_teller(
      two_and(WhenFull::park_sender), [&](const auto& teller, Event& go) {
        auto sender = spawn([&] {
          for (int i = 1; i <= 3; ++i) teller.send(i);
          log.push_back("all sent");
        });
        auto other = spawn([&] { log.push_back("meanwhile"); });
        joinall({other});
        idle();
        log.push_back("let go");
        go.set();
        sender->join();
      });

  CHECK(log == Log{"meanwhile", "let go", "all sent"});
  CHECK(handled == Numbers{0, 1, 2, 3});
}

TEST_CASE("recipient: parked senders enter in the order of parking",
          "[messaging][recipient]") {
  const Numbers handled =
      handled_by_teller({.capacity = 1}, [&](const auto& teller, Event&) {
        teller.send(1);
        for (int i = 2; i <= 20; ++i)
          spawn([&teller, i] {
            teller.send(i);
            teller.send(100 + i);
          });
        idle();
      });

  Numbers expected{0};
  for (int i = 1; i <= 20; ++i) expected.push_back(i);
  for (int i = 102; i <= 120; ++i) expected.push_back(i);
  CHECK(handled == expected);
}

TEST_CASE("recipient: a sender killed while parked takes its message back",
          "[messaging][recipient]") {
  Counts counts;
  int alive_after_kill = -1;
  const Numbers handled =
      handled_by_teller({.capacity = 1}, [&](const auto& teller, Event&) {
        teller.send(1);
        auto first = spawn([&] { teller.send(Counted(counts, 2)); });
        auto second = spawn([&] { teller.send(3); });
        auto third = spawn([&] { teller.send(Counted(counts, 4)); });
        idle();
        first->kill();
        third->kill();
        alive_after_kill = counts.alive;
      });

  CHECK(alive_after_kill == 0);
  CHECK(handled == Numbers{0, 1, 3});
}

TEST_CASE("recipient: a Timeout takes a parked message back, too",
          "[messaging][recipient]") {
  bool timed_out = false;
  const Numbers handled =
      handled_by_teller({.capacity = 1}, [&](const auto& teller, Event&) {
        teller.send(1);
        const Timeout limit = Timeout::start_new(1s);
        try {
          teller.send(2);
        } catch (const TimeoutError& e) {
          timed_out = e.is(limit);
        }
      });

  CHECK(timed_out);
  CHECK(handled == Numbers{0, 1});
}

TEST_CASE("recipient: a kill and a place at the same turn: one wins",
          "[messaging][recipient]") {
  Counts counts;
  bool returned = false;
  bool place_first = false;
  SECTION("the place, if it came first") { place_first = true; }
  SECTION("the kill, if that came first") {}

  Numbers log;
  run_hub([&] {
    Event go;
    GreenletPtr sender;
    const auto kill = [&] { sender->kill_soon(); };
    auto teller = spawn<Scripted>(
        InboxLimits{.capacity = 1}, Script{.receive = [&](Message& m) {
          log.push_back(m.is<int>() ? m.as<int>() : m.as<Counted>().number);
          // When 1 is in hand there is a place, and the sender has not run yet.
          if (log.back() == 1 && place_first) kill();
          go.wait();
          if (log.back() == 0 && !place_first) kill();
        }});
    teller.send(0);
    idle();
    teller.send(1);
    sender = spawn([&] {
      teller.send(Counted(counts, 2));
      returned = true;
      sleep();  // where a kill that came too late for the send is thrown
      returned = false;
    });
    idle();  // parked
    go.set();
    wait();
  });

  CHECK(log == (place_first ? Numbers{0, 1, 2} : Numbers{0, 1}));
  CHECK(returned == place_first);
  CHECK(counts.alive == 0);
}

TEST_CASE("recipient: a send to oneself never parks, drops or fails",
          "[messaging][recipient]") {
  const WhenFull policy = GENERATE(WhenFull::park_sender, WhenFull::drop_newest,
                                   WhenFull::drop_oldest, WhenFull::fail);
  int handled = 0;
  run_hub([&] {
    ActorRef self;
    self = spawn<Scripted>(two_and(policy), Script{.receive = [&](Message& m) {
                             ++handled;
                             for (int i = 0; i < m.as<int>(); ++i) self.send(0);
                           }});
    self.send(10);
    wait();
  });

  CHECK(handled == 11);
}

TEST_CASE("recipient: its end lets parked senders go on, without their message",
          "[messaging][recipient]") {
  Counts counts;
  int returned = 0;
  std::uint64_t dead = 0;
  run_hub([&] {
    Numbers log;
    Event never;
    const std::uint64_t before = PostOffice::here().dead_letters();
    auto teller = spawn<Teller>(InboxLimits{.capacity = 1}, log, never);
    teller.send(0);
    idle();
    teller.send(1);
    for (int i = 0; i < 3; ++i)
      spawn([&] { teller.send(Counted(counts)), ++returned; });
    idle();
    teller.kill();
    wait();
    dead = PostOffice::here().dead_letters() - before;
  });

  CHECK(returned == 3);
  CHECK(dead == 4);
  CHECK(counts.alive == 0);
}

TEST_CASE("recipient: says who it is, how much waits and what it does",
          "[messaging][recipient]") {
  Log log;
  run_hub([&] {
    Numbers ignored;
    Event go;
    const auto teller = make_greenlet<Teller>(InboxLimits{}, ignored, go);
    teller->start();
    const ActorRef ref(teller->address());
    idle();
    log.push_back(teller->describe());
    ref << 1 << 2 << 3;
    idle();
    log.push_back(teller->describe());
    go.set();
    wait();
    teller->set_name("teller");
    log.push_back(teller->describe());
  });

  REQUIRE(log.size() == 3);
  CHECK_THAT(log[0], Contains("Teller(hub") && Contains("inbox 0"));
  CHECK_THAT(log[1], Contains("inbox 2, waits for an event"));
  CHECK(log[2] == "teller, inbox 0");
}

}  // namespace
}  // namespace greenroom::test
