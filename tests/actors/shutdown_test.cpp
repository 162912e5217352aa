// How an ActorSystem ends, and what is left when it has.

#include "../support/catch2.hpp"
#include "../support/counted.hpp"
#include "../support/scripted.hpp"

#include <greenroom/actors/actor_system.hpp>

#include <atomic>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;
using Kind = ExitReason::Kind;

// An actor that says where it lives.
class Resident : public TypedActor<Resident, char> {
 public:
  std::string on(char) const { return hub().name(); }
};

TEST_CASE("actor_system: shutdown() stops all actors, however many rest",
          "[actors][actor_system]") {
  const Hub hub;
  std::atomic<int> stopped{0};
  std::atomic<int> others{0};
  {
    ActorSystem system{{.hubs = 2}};
    for (int i = 0; i < 1'000; ++i)
      system.spawn<Scripted>(Script{.on_stop = [&](const ExitReason& reason) {
        ++(reason == Kind::stopped ? stopped : others);
      }});
    system.shutdown();
  }

  CHECK(stopped == 1'000);
  CHECK(others == 0);
}

TEST_CASE("actor_system: shutdown() unwinds handlers that wait, after a grace",
          "[actors][actor_system]") {
  const Hub hub;
  const bool patient = GENERATE(true, false);
  std::string end;
  std::atomic<bool> finished{false};
  ActorSystem system{{.hubs = 1}};
  const ActorRef actor = system.spawn<Scripted>(
      Script{.receive =
                 [&](Message&) {
                   sleep(patient ? Duration(1ms) : Duration(24h));
                   finished = true;
                 },
             .on_stop = [&](const ExitReason& r) { end = to_string(r); }});
  actor.send(0);
  system.run_on(0, [] { idle(); });
  system.shutdown(patient ? Duration(1h) : Duration::zero());

  CHECK(finished == patient);
  CHECK(end == (patient ? "stopped" : "killed"));
}

TEST_CASE("actor_system: the messages in hand at shutdown() finish, no others",
          "[actors][actor_system]") {
  const Hub hub;
  Counts counts;
  std::atomic<int> handled{0};
  ActorSystem system{{.hubs = 2}};
  const std::uint64_t before = system.dead_letters();
  std::vector<ActorRef> refs;
  for (int i = 0; i < 10; ++i)
    refs.push_back(system.spawn<Scripted>(
        Script{.receive = [&](Message&) { ++handled, sleep(1ms); }}));
  for (int n = 0; n < 100; ++n)
    for (const ActorRef& ref : refs) ref.send(Counted(counts));
  system.shutdown(1h);

  CHECK(handled + system.dead_letters() - before == 1'000);
  CHECK(handled < 1'000);
  CHECK(counts.alive == 0);
}

TEST_CASE("actor_system: a second shutdown() does nothing",
          "[actors][actor_system]") {
  const Hub hub;
  ActorSystem system{{.hubs = 1}};
  system.shutdown();
  system.shutdown();
  system.shutdown(1h);

  CHECK_THROWS_AS(system.spawn<Resident>(), std::logic_error);
  CHECK_THROWS_AS(system.spawn_on<Resident>(0), std::logic_error);
  CHECK_THROWS_AS(system.run_on(0, [] {}), std::logic_error);
}

TEST_CASE("actor_system: cannot be shut down by one of its own hubs",
          "[actors][actor_system]") {
  const Hub hub;
  ActorSystem system{{.hubs = 2}};

  CHECK_THROWS_AS(system.run_on(1, [&] { system.shutdown(); }),
                  std::logic_error);
  CHECK(system.spawn<Resident>().ask('?').get() != "");  // it lives on
}

TEST_CASE("actor_system: sends after shutdown() are dead letters",
          "[actors][actor_system]") {
  const Hub hub;
  Counts counts;
  ActorSystem system{{.hubs = 2}};
  const ActorRef a = system.spawn<Scripted>(Script{});
  const ActorRef b =
      system.spawn<Scripted>(InboxLimits{.capacity = 1}, Script{});
  system.shutdown();
  const std::uint64_t before = system.dead_letters();
  for (int i = 0; i < 5; ++i) a.send(Counted(counts)), b.send(Counted(counts));
  std::thread([&] { a.send(Counted(counts)); }).join();

  CHECK(system.dead_letters() - before == 11);
  CHECK(counts.alive == 0);
  CHECK_THROWS_AS(a.ask<int>(0).get(), ActorUnreachable);
  CHECK(a.join() == Kind::unknown);
  a.stop();
  a.kill();
}

TEST_CASE("actor_system: one after the other, each starts afresh",
          "[actors][actor_system]") {
  const Hub hub;
  std::vector<ActorRef> old;
  for (int round = 0; round < 20; ++round) {
    ActorSystem system{{.hubs = 2, .name = "s" + std::to_string(round)}};
    for (const ActorRef& ref : old)
      CHECK_THROWS_AS(ref.ask<int>(0).get(), ActorUnreachable);
    const auto actor = system.spawn<Resident>();
    CHECK(actor.ask('?').get() == "s" + std::to_string(round) + "-0");
    old.push_back(actor);
  }
}

TEST_CASE("actor_system: is not taken for one that was shut down before",
          "[actors][actor_system]") {
  const Hub hub;
  int refused = 0;
  for (int round = 0; round < 5; ++round) {
    ActorSystem old{{.hubs = 2}};
    old.shutdown();
    ActorSystem young{{.hubs = 2}};  // its hubs live where the old ones did
    young.run_on(0, [&] {
      try {
        old.spawn<Resident>();
      } catch (const std::logic_error&) {
        ++refused;
      }
      old.shutdown();
    });
  }

  CHECK(refused == 5);
}

TEST_CASE("actor_system: two live side by side and send to each other",
          "[actors][actor_system]") {
  const Hub hub;
  ActorSystem left{{.hubs = 1, .name = "left"}};
  ActorSystem right{{.hubs = 1, .name = "right"}};
  const auto resident = right.spawn<Resident>();
  const ActorRef asker = left.spawn<Scripted>(Script{
      .receive = [resident](Message& m) { m.reply(resident.ask('?').get()); }});

  CHECK(asker.ask<std::string>(0).get() == "right-0");
  right.shutdown();
  CHECK_THROWS_AS(asker.ask<std::string>(0).get(), ActorUnreachable);
}

TEST_CASE("actor_system: ends while actors flood each other, and loses nothing",
          "[actors][actor_system]") {
  const Hub hub;
  Counts counts;
  {
    ActorSystem system{{.hubs = 4}};
    std::vector<ActorRef> refs;
    for (std::size_t i = 0; i < 8; ++i)
      refs.push_back(system.spawn<Scripted>(Script{.receive = [](Message& m) {
        m.match(
            [](const std::vector<ActorRef>& all) {
              for (const ActorRef& ref : all) ref.send(all);
            },
            [](Counted) {});
      }}));
    for (const ActorRef& ref : refs) {
      ref.send(Counted(counts));
      ref.send(std::vector<ActorRef>{refs[0], refs[7]});
    }
    system.shutdown(1ms);
  }

  CHECK(counts.alive == 0);
}

}  // namespace
}  // namespace greenroom::test
