// What a handler may do: wait while others run, limit that, know its actor.

#include "../support/catch2.hpp"
#include "../support/run_hub.hpp"
#include "../support/scripted.hpp"

#include <greenroom/actors/actor.hpp>

#include <algorithm>
#include <string>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;
using Log = std::vector<std::string>;

TEST_CASE("actor: waits in a handler while others run, and only it",
          "[actors][actor]") {
  Log log;
  run_hub([&](TestHub& h) {
    const auto stamp = [&](const std::string& what) {
      log.push_back(what + " at " + std::to_string(h.elapsed() / 1s));
    };
    Event bell;
    auto sleeper = spawn<Scripted>(Script{.receive = [&](Message&) {
      sleep(2s);
      stamp("slept");
    }});
    auto listener = spawn<Scripted>(Script{.receive = [&](Message&) {
      bell.wait();
      stamp("heard");
    }});
    auto asker = spawn<Scripted>(Script{.receive = [&, sleeper](Message&) {
      sleeper.ask<void>(1).wait(3s);
      stamp("asked");
    }});
    auto busy =
        spawn<Scripted>(Script{.receive = [&](Message&) { stamp("busy"); }});
    for (const ActorRef& actor : {ActorRef(sleeper), ActorRef(listener),
                                  ActorRef(asker), ActorRef(busy)})
      actor.send(0);
    sleep(1s);
    busy.send(0);
    bell.set();
    wait();
  });

  CHECK(log == Log{"busy at 0", "busy at 1", "heard at 1", "slept at 2",
                   "asked at 3", "slept at 4"});
}

TEST_CASE("actor: a Timeout limits a handler, or a part of it",
          "[actors][actor]") {
  Log log;
  run_hub([&](TestHub& h) {
    auto slow = spawn<Scripted>(Script{.receive = [](Message& m) {
      sleep(10s);
      m.reply(1);
    }});
    auto actor = spawn<Scripted>(Script{.receive = [&, slow](Message& m) {
      const int fallback = with_timeout(
          2s, [&] { return slow.ask<int>(0).get(); }, -1);
      log.push_back(std::to_string(fallback));
      const Timeout limit = Timeout::start_new(1s);
      try {
        sleep(1h);
      } catch (const TimeoutError& e) {
        log.push_back(e.is(limit) ? "mine" : "whose?");
      }
      m.reply(0);
    }});
    actor.ask<int>(0).get();
    log.push_back(std::to_string(h.elapsed() / 1s));
    // No trace of a Timeout is left: it goes on as before.
    actor.ask<int>(0).get();
    log.push_back(std::to_string(h.elapsed() / 1s));
  });

  CHECK(log == Log{"-1", "mine", "3", "-1", "mine", "6"});
}

TEST_CASE("actor: handles one message at a time, though it waits",
          "[actors][actor]") {
  int inside = 0;
  int most = 0;
  run_hub([&] {
    auto actor = spawn<Scripted>(Script{.receive = [&](Message&) {
      most = std::max(most, ++inside);
      sleep(1s);
      --inside;
    }});
    for (int i = 0; i < 10; ++i) actor.send(i);
    sleep(20s);
  });

  CHECK(most == 1);
  CHECK(inside == 0);
}

TEST_CASE("actor: knows itself in handlers", "[actors][actor]") {
  class Knows : public Actor {
   public:
    explicit Knows(ActorRef& out) { out = self(); }

   private:
    void receive(Message& m) override {
      m.reply(&current() == this && m.is<int>());
    }
  };
  ActorRef from_constructor;
  bool knew = false;
  run_hub([&] {
    auto actor = spawn<Knows>(from_constructor);
    CHECK(actor == from_constructor);
    knew = actor.ask<bool>(1).get();
  });

  CHECK(knew);
}

}  // namespace
}  // namespace greenroom::test
