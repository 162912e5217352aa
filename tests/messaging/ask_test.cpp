// What becomes of an ask that cannot be answered, or not in time.

#include "../support/asking.hpp"
#include "../support/catch2.hpp"
#include "../support/counted.hpp"
#include "../support/run_hub.hpp"
#include "../support/scripted.hpp"

#include <greenroom/messaging/reply.hpp>

#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;
using Kind = ExitReason::Kind;
using Log = std::vector<std::string>;

// ---- failures

struct DiskFull : std::runtime_error {
  using std::runtime_error::runtime_error;
};

TEST_CASE("reply: an exception of the handler reaches the asker as itself",
          "[messaging][reply]") {
  Log log;
  ExitReason end;
  run_hub([&] {
    auto actor = spawn<Scripted>(
        Script{.receive = [](Message&) { throw DiskFull("no place"); },
               .on_stop = [&](const ExitReason& reason) { end = reason; }});
    try {
      actor.ask<int>(Question{1}).get();
    } catch (const DiskFull& e) {
      log.push_back(e.what());
    }
  });

  CHECK(log == Log{"no place"});
  CHECK(end == Kind::failed);
  CHECK_THROWS_AS(std::rethrow_exception(end.what), DiskFull);
}

TEST_CASE("reply: asking an actor that has ended fails at once",
          "[messaging][reply]") {
  std::string error;
  bool was_ready = false;
  run_hub([&] {
    auto actor = spawn<Scripted>(answers_twice_the_number());
    actor.stop();
    actor.join();
    auto reply = actor.ask<int>(Question{1});
    was_ready = reply.ready();
    error = error_of([&] { reply.get(); });
  });

  CHECK(was_ready);
  CHECK_THAT(error, Contains("ActorUnreachable") && Contains("Question") &&
                        Contains("has ended"));
}

TEST_CASE("reply: asking nobody fails at once", "[messaging][reply]") {
  std::string error;
  run_hub([&] {
    error = error_of([&] { ActorRef().ask<int>(Question{1}).get(); });
  });

  CHECK_THAT(error, Contains("ActorUnreachable"));
}

TEST_CASE("reply: asks that wait in the inbox fail when the actor ends",
          "[messaging][reply]") {
  Log log;
  const auto end_by = [&](auto how) {
    run_hub([&] {
      auto actor = spawn<Scripted>(Script{.receive = [](Message& m) {
        if (m.is<Question>()) sleep(1s);
        m.reply(1);
      }});
      auto in_hand = actor.ask<int>(Question{1});
      auto queued = actor.ask<int>(2);
      auto also_queued = actor.ask<int>(3);
      idle();
      how(actor);
      log.push_back(error_of([&] { in_hand.get(); }).substr(0, 16));
      log.push_back(error_of([&] { queued.get(); }).substr(0, 16));
      log.push_back(error_of([&] { also_queued.get(); }).substr(0, 16));
    });
  };

  SECTION("by stop(): the one in hand is still answered") {
    end_by([](const ActorRef& actor) { actor.stop(); });
    CHECK(log == Log{"nothing", "ActorUnreachable", "ActorUnreachable"});
  }
  SECTION("by kill(): the one in hand fails, too, and nobody is killed by it") {
    end_by([](const ActorRef& actor) { actor.kill(); });
    CHECK(log ==
          Log{"ActorUnreachable", "ActorUnreachable", "ActorUnreachable"});
  }
}

TEST_CASE("reply: an ask under way to a hub that ends fails",
          "[messaging][reply]") {
  const Hub hub;
  std::string error;
  {
    ActorSystem system{{.hubs = 1}};
    auto actor =
        system.spawn<Scripted>(Script{.receive = [](Message&) { sleep(24h); }});
    auto in_hand = actor.ask<int>(Question{1});
    auto queued = actor.ask<int>(Question{2});
    system.shutdown();
    error = error_of([&] { in_hand.get(); });
    error += "; " + error_of([&] { queued.get(); });
    error += "; " + error_of([&] { actor.ask<int>(Question{3}).get(); });
  }

  CHECK_THAT(error, Catch::Matchers::Matches(
                        "ActorUnreachable: .*; ActorUnreachable: .*; "
                        "ActorUnreachable: .*"));
}

TEST_CASE("reply: get() throws LoopExit if nobody is left who could answer",
          "[messaging][reply]") {
  std::string error;
  run_hub([&] {
    auto silent = spawn<Scripted>(Script{});
    error = error_of([&] { silent.ask<int>(Question{1}).get(); });
  });

  CHECK_THAT(error, Contains("main waits for a reply"));
}

// ---- limits

TEST_CASE("reply: get(limit) limits this wait only", "[messaging][reply]") {
  Log log;
  run_hub([&](TestHub& h) {
    auto actor = spawn<Scripted>(Script{.receive = [](Message& m) {
      sleep(3s);
      m.reply(4);
    }});
    auto reply = actor.ask<int>(Question{1});
    log.push_back(error_of([&] { reply.get(1s); }).substr(0, 13));
    log.push_back(std::to_string(h.elapsed() / 1s));
    log.push_back(std::to_string(reply.get()));
    log.push_back(std::to_string(h.elapsed() / 1s));
  });

  CHECK(log == Log{"TimeoutError:", "1", "4", "3"});
}

TEST_CASE("reply: no wait lasts longer than the ask's deadline",
          "[messaging][reply]") {
  Log log;
  run_hub([&](TestHub& h) {
    auto silent = spawn<Scripted>(Script{});
    auto reply = silent.ask<int>(Question{1}, 2s);
    log.push_back(error_of([&] { reply.get(); }).substr(0, 13));
    log.push_back(std::to_string(h.elapsed() / 1s));
    log.push_back(error_of([&] { reply.get(10s); }).substr(0, 13));
    log.push_back(std::to_string(h.elapsed() / 1s));
  });

  CHECK(log == Log{"TimeoutError:", "2", "TimeoutError:", "2"});
}

TEST_CASE("reply: an ask past its deadline is not handled any more",
          "[messaging][reply]") {
  std::vector<int> handled;
  std::uint64_t dead = 0;
  Counts counts;
  run_hub([&](TestHub& h) {
    const std::uint64_t before = PostOffice::here().dead_letters();
    auto actor = spawn<Scripted>(Script{.receive = [&](Message& m) {
      if (m.is<int>()) {
        handled.push_back(m.as<int>());
        sleep(3s);
      } else {
        handled.push_back(m.as<Counted>().number);
      }
    }});
    actor.send(1);
    auto expires = actor.ask<int>(Counted(counts, 2), 2s);
    auto lasts = actor.ask<int>(Counted(counts, 3), 4s);
    h.advance(10s);
    dead = PostOffice::here().dead_letters() - before;
  });

  CHECK(handled == std::vector<int>{1, 3});
  CHECK(dead == 1);
  CHECK(counts.alive == 0);
}

class Till : public Actor {
  void receive(Message&) override { sleep(24h); }
};

TEST_CASE("reply: a timeout says who asked whom, for what, and why not",
          "[messaging][reply]") {
  std::string error;
  run_hub([&] {
    auto till = spawn<Till>();
    till << 1 << 2 << 3;
    auto customer = spawn({.name = "customer"}, [&] {
      sleep(1s);
      error = error_of([&] { till.ask<int>(Question{1}).get(1500ms); });
    });
    customer->join();
    till.kill();
  });

  INFO(error);
  CHECK_THAT(error, Contains("1.5 s"));                // how long
  CHECK_THAT(error, Contains("customer"));             // who asked
  CHECK_THAT(error, Contains("Till(hub"));             // whom
  CHECK_THAT(error, Contains("Question"));             // for what
  CHECK_THAT(error, Contains("inbox 3"));              // two, and the question
  CHECK_THAT(error, Contains("waits for its sleep"));  // what it is doing
}

TEST_CASE("reply: a timeout says that the asked actor has ended",
          "[messaging][reply]") {
  std::string error;
  run_hub([&] {
    auto forgets = spawn<Scripted>(Script{});
    auto reply = forgets.ask<int>(Question{1});
    idle();
    forgets.stop();
    forgets.join();
    error = error_of([&] { reply.get(1s); });
  });

  CHECK_THAT(error, Contains("has ended"));
}

TEST_CASE("reply: a limit of zero looks and does not wait",
          "[messaging][reply]") {
  Log log;
  run_hub([&] {
    auto actor = spawn<Scripted>(answers_twice_the_number());
    auto reply = actor.ask<int>(Question{2});
    log.push_back(error_of([&] { reply.get_nowait(); }).substr(0, 13));
    log.push_back(reply.wait() == nullptr ? "null" : "there");
    log.push_back(std::to_string(reply.get_nowait()));
  });

  CHECK(log == Log{"TimeoutError:", "there", "4"});
}

TEST_CASE("reply: a Timeout in the asker ends the wait, the answer is late",
          "[messaging][reply]") {
  bool was_mine = false;
  std::uint64_t late = 0;
  run_hub([&](TestHub& h) {
    const std::uint64_t before = PostOffice::here().late_replies();
    auto actor = spawn<Scripted>(Script{.receive = [](Message& m) {
      sleep(2s);
      m.reply(1);
    }});
    const Timeout limit = Timeout::start_new(1s);
    try {
      actor.ask<int>(Question{1}).get();
    } catch (const TimeoutError& e) {
      was_mine = e.is(limit);
    }
    h.advance(2s);
    late = PostOffice::here().late_replies() - before;
  });

  CHECK(was_mine);
  CHECK(late == 1);
}

TEST_CASE("reply: a TimeoutError of the asked actor is not the asker's own",
          "[messaging][reply]") {
  const Hub hub;
  ActorSystem system{{.hubs = 1}};
  auto actor = system.spawn<Scripted>(Script{.receive = [](Message&) {
    const Timeout too_short = Timeout::start_new(0s);
    sleep(24h);
  }});
  // Makes Timeouts until their number is the one that the other hub used.
  std::vector<std::unique_ptr<Timeout>> mine;
  for (int i = 0; i < 1'000; ++i) mine.push_back(std::make_unique<Timeout>(1h));
  int is_mine = -1;
  try {
    actor.ask<int>(Question{1}).get();
  } catch (const TimeoutError& e) {
    is_mine = 0;
    for (const auto& timeout : mine) is_mine += e.is(*timeout) ? 1 : 0;
  }

  CHECK(is_mine == 0);
}

}  // namespace
}  // namespace greenroom::test
