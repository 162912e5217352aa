// How an ActorRef ends its actor, and waits for the end.

#include "../support/catch2.hpp"
#include "../support/run_hub.hpp"
#include "../support/scripted.hpp"

#include <greenroom/messaging/actor_ref.hpp>

#include <cstddef>
#include <exception>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;
using Kind = ExitReason::Kind;
using Log = std::vector<std::string>;
using Numbers = std::vector<int>;

Script logs_into(Numbers& numbers) {
  return {.receive = [&](Message& m) { numbers.push_back(m.as<int>()); }};
}

// ---- ending it

TEST_CASE("actor_ref: stop() lets the message in hand finish, and no other",
          "[messaging][actor_ref]") {
  Log log;
  std::uint64_t dead = 0;
  run_hub([&] {
    const std::uint64_t before = PostOffice::here().dead_letters();
    auto actor = spawn<Scripted>(Script{
        .receive =
            [&](Message&) {
              log.push_back("begins");
              sleep(1s);
              log.push_back("ends");
            },
        .on_stop = [&](const ExitReason& r) { log.push_back(to_string(r)); }});
    actor << 1 << 2 << 3;
    idle();
    actor.stop();
    log.push_back("stop() returned");
    actor.join();
    dead = PostOffice::here().dead_letters() - before;
  });

  CHECK(log == Log{"begins", "stop() returned", "ends", "stopped"});
  CHECK(dead == 2);
}

TEST_CASE("actor_ref: kill() unwinds a handler that waits",
          "[messaging][actor_ref]") {
  Log log;
  run_hub([&] {
    struct Guard {
      ~Guard() { log.push_back("unwound"); }
      Log& log;
    };
    auto actor = spawn<Scripted>(Script{
        .receive =
            [&](Message&) {
              const Guard guard{log};
              sleep(1h);
              log.push_back("not here");
            },
        .on_stop = [&](const ExitReason& r) { log.push_back(to_string(r)); }});
    actor << 1 << 2;
    idle();
    actor.kill();
    log.push_back("kill() returned");
    actor.join();
  });

  CHECK(log == Log{"kill() returned", "unwound", "killed"});
}

TEST_CASE("actor_ref: stop() and kill() overtake 100,000 messages",
          "[messaging][actor_ref]") {
  int handled = 0;
  std::uint64_t dead = 0;
  ExitReason end;
  const auto flood_then = [&](auto finish) {
    run_hub([&] {
      const std::uint64_t before = PostOffice::here().dead_letters();
      auto actor =
          spawn<Scripted>(InboxLimits{.high_water = 1'000'000},
                          Script{.receive = [&](Message&) { ++handled; }});
      idle();
      for (int i = 0; i < 100'000; ++i) actor.send(i);
      finish(actor);
      end = actor.join();
      dead = PostOffice::here().dead_letters() - before;
    });
  };

  SECTION("stop()") {
    flood_then([](const ActorRef& actor) { actor.stop(); });
    CHECK(end == Kind::stopped);
  }
  SECTION("kill()") {
    flood_then([](const ActorRef& actor) { actor.kill(); });
    CHECK(end == Kind::killed);
  }
  SECTION("stop() from another thread, while it handles") {
    flood_then([](const ActorRef& actor) {
      std::thread([actor] { actor.stop(); }).join();
    });
    CHECK(end == Kind::stopped);
    CHECK(handled < 10'000);
  }
  CHECK(handled + static_cast<int>(dead) == 100'000);
  CHECK(handled < 100'000);
}

TEST_CASE("actor_ref: a kill and a message at the same turn: nothing is lost",
          "[messaging][actor_ref]") {
  Numbers got;
  std::uint64_t dead = 0;
  ExitReason end;
  bool kill_first = false;
  SECTION("the message first") {}
  SECTION("the kill first") { kill_first = true; }

  run_hub([&] {
    const std::uint64_t before = PostOffice::here().dead_letters();
    auto actor = spawn<Scripted>(logs_into(got));
    idle();
    if (kill_first) actor.kill();
    actor.send(1);
    if (!kill_first) actor.kill();
    end = actor.join();
    dead = PostOffice::here().dead_letters() - before;
  });

  CHECK(end == Kind::killed);
  CHECK(got.size() + dead == 1);
}

TEST_CASE("actor_ref: a kill and a reply at the same turn: one wins",
          "[messaging][actor_ref]") {
  Log log;
  bool reply_first = false;
  SECTION("the reply first") { reply_first = true; }
  SECTION("the kill first") {}

  run_hub([&] {
    Event go;
    auto answers = spawn<Scripted>(Script{.receive = [&](Message& m) {
      go.wait();
      m.reply(5);
    }});
    ActorRef asker;
    asker = spawn<Scripted>(Script{
        .receive =
            [&, answers](Message&) {
              const int got = answers.ask<int>(0).get();
              log.push_back("got " + std::to_string(got));
            },
        .on_stop = [&](const ExitReason& r) { log.push_back(to_string(r)); }});
    asker.send(0);
    idle();
    if (!reply_first) asker.kill();
    go.set();
    if (reply_first)
      spawn([asker] { asker.kill(); });  // after the answer, before the asker
    wait();
  });

  CHECK(log == (reply_first ? Log{"got 5", "killed"} : Log{"killed"}));
}

TEST_CASE("actor_ref: kill() with an exception throws that exception",
          "[messaging][actor_ref]") {
  struct Broken {};
  Log log;
  ExitReason end;
  run_hub([&] {
    auto actor = spawn<Scripted>(Script{.receive = [&](Message&) {
      try {
        sleep(1h);
      } catch (const Broken&) {
        log.push_back("Broken");
        throw;
      }
    }});
    actor.send(0);
    idle();
    actor.kill(std::make_exception_ptr(Broken()));
    end = actor.join();
  });

  CHECK(log == Log{"Broken"});
  CHECK(end == Kind::failed);  // only a GreenletExit is no failure
  CHECK_THROWS_AS(std::rethrow_exception(end.what), Broken);
}

TEST_CASE("actor_ref: stop() and kill() work from other hubs and from threads",
          "[messaging][actor_ref]") {
  const Hub hub;
  ActorSystem system{{.hubs = 2}};
  const Script waits{.receive = [](Message&) { sleep(24h); }};
  std::vector<ActorRef> refs;
  for (int i = 0; i < 4; ++i)
    refs.push_back(system.spawn_on<Scripted>(0, waits));
  refs[2].send(0);
  refs[3].send(0);

  refs[0].stop();
  std::thread([&] { refs[1].stop(), refs[2].kill(); }).join();
  system.run_on(1, [&] { refs[3].kill(); });
  std::vector<Kind> ends;
  for (const ActorRef& ref : refs) ends.push_back(ref.join().kind);

  for (std::size_t i = 0; i < 4; ++i) {
    const bool expected = ends[i] == (i < 2 ? Kind::stopped : Kind::killed) ||
                          ends[i] == Kind::unknown;  // had ended before
    CHECK(expected);
  }
}

// ---- join

TEST_CASE("actor_ref: join() says how the actor ended",
          "[messaging][actor_ref]") {
  Log log;
  run_hub([&] {
    const auto ended_by = [&](auto how) {
      auto actor = spawn<Scripted>(Script{
          .receive = [](Message&) { throw std::runtime_error("oops"); }});
      auto end = spawn([actor] { return actor.join(); });
      idle();
      how(actor);
      log.push_back(to_string(end->get()));
    };
    ended_by([](const ActorRef& a) { a.stop(); });
    ended_by([](const ActorRef& a) { a.kill(); });
    ended_by([](const ActorRef& a) { a.send(0); });
  });

  CHECK(log ==
        Log{"stopped", "killed", "failed with std::runtime_error: oops"});
}

TEST_CASE("actor_ref: join() of an actor that had ended says unknown",
          "[messaging][actor_ref]") {
  Log log;
  run_hub([&] {
    auto actor = spawn<Scripted>(Script{});
    actor.stop();
    actor.join();
    log.push_back(to_string(actor.join()));
    log.push_back(to_string(ActorRef().join()));
  });

  CHECK(log == Log{"ended before", "ended before"});
}

TEST_CASE("actor_ref: join(limit) throws TimeoutError, and the actor lives on",
          "[messaging][actor_ref]") {
  Log log;
  run_hub([&](TestHub& h) {
    auto actor = spawn<Scripted>(Script{});
    try {
      actor.join(2s);
    } catch (const TimeoutError&) {
      log.push_back("after " + std::to_string(h.elapsed() / 1s));
    }
    actor.stop();
    log.push_back(to_string(actor.join()));
  });

  CHECK(log == Log{"after 2", "stopped"});
}

TEST_CASE("actor_ref: any number of greenlets may join, on any hub",
          "[messaging][actor_ref]") {
  const Hub hub;
  ActorSystem system{{.hubs = 2}};
  const ActorRef actor = system.spawn_on<Scripted>(0, Script{});
  std::vector<Kind> ends(3, Kind::unknown);
  const auto here = spawn([&] { ends[0] = actor.join().kind; });
  const auto there =
      spawn([&] { system.run_on(1, [&] { ends[1] = actor.join().kind; }); });
  const auto beside =
      spawn([&] { system.run_on(0, [&] { ends[2] = actor.join().kind; }); });
  idle();
  // Now all three have asked: each hub has passed on what came before.
  system.run_on(1, [] { idle(); });
  system.run_on(0, [] { idle(); });
  actor.stop();
  joinall({here, there, beside});

  CHECK(ends == std::vector<Kind>(3, Kind::stopped));
}

}  // namespace
}  // namespace greenroom::test
