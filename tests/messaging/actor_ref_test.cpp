#include "greenroom/messaging/actor_ref.hpp"

#include "greenroom/tests/support/counted.hpp"
#include "greenroom/tests/support/run_hub.hpp"
#include "greenroom/tests/support/scripted.hpp"

#include <catch2/catch.hpp>

#include <future>
#include <string>
#include <thread>
#include <type_traits>
#include <unordered_set>
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

// ---- a value

TEST_CASE("actor_ref: is at most 16 bytes and trivially copyable",
          "[messaging][actor_ref]") {
  STATIC_REQUIRE(sizeof(ActorRef) <= 16);
  STATIC_REQUIRE(std::is_trivially_copyable_v<ActorRef>);
  STATIC_REQUIRE(sizeof(Ref<Scripted>) == sizeof(ActorRef));
  STATIC_REQUIRE(std::is_trivially_copyable_v<Ref<Scripted>>);
}

TEST_CASE("actor_ref: is compared, hashed and printed by its address",
          "[messaging][actor_ref]") {
  run_hub([] {
    const ActorRef a = spawn<Scripted>(Script{});
    const ActorRef b = spawn<Scripted>(Script{});
    const ActorRef same_as_a(a.address());

    CHECK(a == same_as_a);
    CHECK(a != b);
    CHECK(std::hash<ActorRef>()(a) == std::hash<ActorRef>()(same_as_a));
    CHECK(std::unordered_set<ActorRef>{a, b, same_as_a, a}.size() == 2);
    CHECK(to_string(a) == to_string(a.address()));
    CHECK(to_string(a) != to_string(b));
  });
}

TEST_CASE("actor_ref: is true unless it names nobody",
          "[messaging][actor_ref]") {
  run_hub([] {
    CHECK_FALSE(ActorRef());
    CHECK(ActorRef() == ActorRef());
    CHECK(to_string(ActorRef()) == "nobody");
    const auto actor = spawn<Scripted>(Script{});
    CHECK(actor);
    actor.stop();
    actor.join();
    CHECK(actor);
  });
}

TEST_CASE("actor_ref: may be sent, and be sent to", "[messaging][actor_ref]") {
  Numbers got;
  run_hub([&] {
    auto target = spawn<Scripted>(logs_into(got));
    spawn<Scripted>(Script{.receive = [](Message& m) {
      m.match([](const ActorRef& to) { to.send(7); });
    }}).send(ActorRef(target));
  });

  CHECK(got == Numbers{7});
}

// ---- sending

TEST_CASE("actor_ref: messages of one sender arrive in the order of sending",
          "[messaging][actor_ref]") {
  constexpr int many = 10'000;
  Numbers got;
  const auto send_all = [](const ActorRef& to) {
    for (int i = 0; i < many; ++i) to.send(i);
  };

  SECTION("from the same hub") {
    run_hub([&] { send_all(spawn<Scripted>(logs_into(got))); });
  }
  SECTION("from another hub") {
    const Hub hub;
    ActorSystem system{{.hubs = 2}};
    const ActorRef target = system.spawn_on<Scripted>(
        0, Script{.receive = [&](Message& m) {
          m.match([&](int i) { got.push_back(i); }, [](char c) { return c; });
        }});
    system.run_on(1, [&] {
      send_all(target);
      target.ask<char>('?').get();
    });
  }
  SECTION("from a thread without a hub") {
    const Hub hub;
    ActorSystem system{{.hubs = 1}};
    const ActorRef target = system.spawn<Scripted>(logs_into(got));
    bool has_hub = true;
    std::thread([&] {
      send_all(target);
      has_hub = Hub::find() != nullptr;
    }).join();
    system.run_on(0, [] { idle(); });
    CHECK_FALSE(has_hub);
  }

  REQUIRE(got.size() == many);
  CHECK(std::is_sorted(got.begin(), got.end()));
}

TEST_CASE("actor_ref: a thread that gets a hub, or loses it, keeps its order",
          "[messaging][actor_ref]") {
  Numbers got;
  {
    const Hub hub;
    ActorSystem system{{.hubs = 1}};
    const ActorRef target = system.spawn<Scripted>(logs_into(got));
    // The receiving hub is held up, so that all comes in at once.
    std::promise<void> let_go;
    const ActorRef busy = system.spawn<Scripted>(
        Script{.receive = [&](Message&) { let_go.get_future().wait(); }});
    busy.send(0);
    std::thread([&] {
      int next = 0;
      const auto send_some = [&] {
        for (int i = 0; i < 100; ++i) target.send(next++);
      };
      for (int round = 0; round < 3; ++round) {
        send_some();
        const Hub for_a_while;
        send_some();
      }
    }).join();
    let_go.set_value();
    system.run_on(0, [] { idle(); });
  }

  CHECK(got.size() == 600);
  CHECK(std::is_sorted(got.begin(), got.end()));
}

TEST_CASE("actor_ref: payloads end on the hub they were sent to, all of them",
          "[messaging][actor_ref]") {
  Counts counts;
  int got = 0;
  {
    const Hub hub;
    ActorSystem system{{.hubs = 2}};
    const ActorRef sink = system.spawn_on<Scripted>(
        0, Script{.receive = [&](Message&) { ++got; }});
    system.run_on(1, [&] {
      for (int i = 0; i < 1'000; ++i) sink.send(Counted(counts));
    });
    std::thread([&] {
      for (int i = 0; i < 1'000; ++i) sink.send(Counted(counts));
    }).join();
    for (int i = 0; i < 1'000; ++i) sink.send(Counted(counts));
    system.run_on(0, [] { idle(); });
  }

  CHECK(got == 3'000);
  CHECK(counts.alive == 0);
  CHECK(counts.copies == 0);
}

TEST_CASE("actor_ref: a stale one never reaches who lives there now",
          "[messaging][actor_ref]") {
  Numbers first;
  Numbers second;
  bool same_slot = false;
  std::uint64_t dead = 0;
  Counts counts;
  run_hub([&] {
    const auto old_ref = spawn<Scripted>(logs_into(first));
    old_ref.send(1);
    idle();
    old_ref.stop();
    old_ref.join();
    const auto new_ref = spawn<Scripted>(logs_into(second));
    same_slot = old_ref.address().slot() == new_ref.address().slot();

    const std::uint64_t before = PostOffice::here().dead_letters();
    old_ref << 2 << Counted(counts);
    old_ref.stop();
    old_ref.kill();
    new_ref << 3;
    idle();
    dead = PostOffice::here().dead_letters() - before;
  });

  CHECK(same_slot);
  CHECK(first == Numbers{1});
  CHECK(second == Numbers{3});
  CHECK(dead == 2);
  CHECK(counts.alive == 0);
}

TEST_CASE("actor_ref: one from a hub that has ended is stale for ever",
          "[messaging][actor_ref]") {
  ActorRef old_ref;
  run_hub([&] { old_ref = spawn<Scripted>(Script{}); });
  Numbers got;
  std::uint64_t dead = 0;
  run_hub([&] {
    auto actor = spawn<Scripted>(logs_into(got));
    CHECK(actor.address().hub() == old_ref.address().hub());
    const std::uint64_t before = PostOffice::here().dead_letters();
    old_ref.send(1);
    dead = PostOffice::here().dead_letters() - before;
  });

  CHECK(dead == 1);
  CHECK(got.empty());
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

TEST_CASE("actor_ref: kill() with an exception throws that one",
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

TEST_CASE("actor_ref: join() of one that had ended is unknown",
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

TEST_CASE("actor_ref: any number may join, from anywhere",
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
  // All three have asked: each hub has passed on what came before this.
  system.run_on(1, [] { idle(); });
  system.run_on(0, [] { idle(); });
  actor.stop();
  joinall({here, there, beside});

  CHECK(ends == std::vector<Kind>(3, Kind::stopped));
}

}  // namespace
}  // namespace greenroom::test
