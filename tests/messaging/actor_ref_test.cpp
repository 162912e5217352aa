#include "../support/catch2.hpp"
#include "../support/counted.hpp"
#include "../support/run_hub.hpp"
#include "../support/scripted.hpp"

#include <greenroom/messaging/actor_ref.hpp>

#include <algorithm>
#include <future>
#include <thread>
#include <type_traits>
#include <unordered_set>
#include <vector>

namespace greenroom::test {
namespace {

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

TEST_CASE("actor_ref: every payload is destroyed on the hub it was sent to",
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

TEST_CASE("actor_ref: a stale ref never reaches the next actor in its slot",
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

TEST_CASE("actor_ref: a ref from a hub that has ended is stale for ever",
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

}  // namespace
}  // namespace greenroom::test
