#include "greenroom/actors/actor_system.hpp"

#include "greenroom/tests/support/counted.hpp"
#include "greenroom/tests/support/scripted.hpp"

#include <catch2/catch.hpp>

#include <pthread.h>
#include <sched.h>

#include <array>
#include <atomic>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;
using Kind = ExitReason::Kind;
using Catch::Contains;

// An actor that says where it lives.
class Resident : public TypedActor<Resident, char> {
 public:
  std::string on(char) const { return hub().name(); }
};

std::string thread_name() {
  std::array<char, 32> name{};
  pthread_getname_np(pthread_self(), name.data(), name.size());
  return name.data();
}

// ---- hubs

TEST_CASE("actor_system: has as many hubs and threads as told, with names",
          "[actors][actor_system]") {
  const Hub hub;
  ActorSystem system{{.hubs = 3, .name = "stage"}};
  std::set<std::string> hubs;
  std::set<std::string> threads;
  std::set<std::thread::id> ids;
  for (std::size_t i = 0; i < 3; ++i) {
    hubs.insert(system.run_on(i, [] { return Hub::current().name(); }));
    threads.insert(system.run_on(i, [] { return thread_name(); }));
    ids.insert(system.run_on(i, [] { return std::this_thread::get_id(); }));
  }

  CHECK(system.size() == 3);
  CHECK(hubs == std::set<std::string>{"stage-0", "stage-1", "stage-2"});
  CHECK(threads == hubs);
  CHECK(ids.size() == 3);
  CHECK(ids.count(std::this_thread::get_id()) == 0);
}

TEST_CASE("actor_system: has a hub per processor unless told otherwise",
          "[actors][actor_system]") {
  const Hub hub;
  CHECK(ActorSystem().size() ==
        std::max(1U, std::thread::hardware_concurrency()));
}

TEST_CASE("actor_system: spawns from outside on one hub after the other",
          "[actors][actor_system]") {
  const Hub hub;
  ActorSystem system{{.hubs = 3, .name = "s"}};
  std::map<std::string, int> residents;
  for (int i = 0; i < 12; ++i)
    ++residents[system.spawn<Resident>().ask('?').get()];

  CHECK(residents ==
        std::map<std::string, int>{{"s-0", 4}, {"s-1", 4}, {"s-2", 4}});
}

TEST_CASE("actor_system: spawns from inside on the same hub",
          "[actors][actor_system]") {
  const Hub hub;
  ActorSystem system{{.hubs = 3, .name = "s"}};
  std::set<std::string> residents;
  system.run_on(1, [&] {
    for (int i = 0; i < 12; ++i)
      residents.insert(system.spawn<Resident>().ask('?').get());
  });

  CHECK(residents == std::set<std::string>{"s-1"});
}

TEST_CASE("actor_system: spawn_on() chooses the hub, from wherever",
          "[actors][actor_system]") {
  const Hub hub;
  ActorSystem system{{.hubs = 3, .name = "s"}};

  CHECK(system.spawn_on<Resident>(2).ask('?').get() == "s-2");
  CHECK(system.run_on(0, [&] {
    return system.spawn_on<Resident>(1).ask('?').get();
  }) == "s-1");
  CHECK_THROWS_AS(system.spawn_on<Resident>(3), std::out_of_range);
}

TEST_CASE("actor_system: spawns from a thread without a hub",
          "[actors][actor_system]") {
  const Hub hub;
  ActorSystem system{{.hubs = 2, .name = "s"}};
  std::string where;
  std::thread([&] { where = system.spawn<Resident>().ask('?').get(); }).join();

  CHECK_THAT(where, Catch::StartsWith("s-"));
}

class Fussy : public Actor {
 public:
  Fussy(std::unique_ptr<int> value, bool refuses) : value_(std::move(value)) {
    if (refuses) throw std::runtime_error("not like this");
  }

 private:
  void receive(Message& m) override { m.reply(*value_); }
  std::unique_ptr<int> value_;
};

TEST_CASE("actor_system: a constructor that throws does so in the caller",
          "[actors][actor_system]") {
  const Hub hub;
  ActorSystem system{{.hubs = 1}};

  CHECK_THROWS_WITH(system.spawn<Fussy>(std::make_unique<int>(1), true),
                    "not like this");
  CHECK(
      system.spawn<Fussy>(std::make_unique<int>(7), false).ask<int>(0).get() ==
      7);
  CHECK(system.run_on(0, [] { return PostOffice::here().population(); }) == 1);
}

TEST_CASE("actor_system: run_on() returns or throws what the call does",
          "[actors][actor_system]") {
  const Hub hub;
  ActorSystem system{{.hubs = 1}};
  bool ran = false;
  system.run_on(0, [&] { ran = true; });

  CHECK(ran);
  CHECK(system.run_on(0, [] { return 6 * 7; }) == 42);
  CHECK(*system.run_on(0, [] { return std::make_unique<int>(3); }) == 3);
  CHECK(system.run_on(0, [p = std::make_unique<int>(4)] { return *p; }) == 4);
  CHECK(system.run_on(0, [] { return sleep(1ms), 5; }) == 5);  // it may wait
  CHECK_THROWS_WITH(
      system.run_on(0, [] { throw std::runtime_error("from there"); }),
      "from there");
  CHECK_THROWS_AS(system.run_on(1, [] {}), std::out_of_range);
}

TEST_CASE("actor_system: run_on() of several greenlets goes on side by side",
          "[actors][actor_system]") {
  const Hub hub;
  ActorSystem system{{.hubs = 1}};
  std::unique_ptr<Event> go =
      system.run_on(0, [] { return std::make_unique<Event>(); });
  bool waited = false;
  const auto waits =
      spawn([&] { waited = system.run_on(0, [&] { return go->wait(); }); });
  idle();
  system.run_on(0, [&] { go->set(); });
  waits->join();

  CHECK(waited);
}

TEST_CASE("actor_system: pins thread i to processor i when told to",
          "[actors][actor_system]") {
  const Hub hub;
  ActorSystem system{{.hubs = 2, .pin_threads = true}};
  cpu_set_t allowed;
  sched_getaffinity(0, sizeof allowed, &allowed);
  for (std::size_t i = 0; i < 2; ++i) {
    const auto processors = system.run_on(i, [] {
      cpu_set_t set;
      sched_getaffinity(0, sizeof set, &set);
      return set;
    });
    // One that this process may not use cannot be pinned to.
    const std::size_t wanted =
        i % std::max(1U, std::thread::hardware_concurrency());
    if (!CPU_ISSET(wanted, &allowed)) continue;
    CHECK(CPU_COUNT(&processors) == 1);
    CHECK(CPU_ISSET(wanted, &processors));
  }
}

TEST_CASE("actor_system: the stack size is that of its hubs' greenlets",
          "[actors][actor_system]") {
  const Hub hub;
  ActorSystem system{{.hubs = 1, .stack_size = std::size_t{1} << 20U}};

  CHECK(system.run_on(0, [] {
    return Hub::current().stacks().default_size();
  }) == std::size_t{1} << 20U);
}

// ---- dead letters

TEST_CASE("actor_system: counts the dead letters and late replies of its hubs",
          "[actors][actor_system]") {
  const Hub hub;
  ActorSystem system{{.hubs = 2}};
  std::atomic<int> seen{0};
  system.subscribe_to_dead_letters([&](const DeadLetter&) { ++seen; });
  const std::uint64_t dead = system.dead_letters();
  for (std::size_t i = 0; i < 2; ++i) {
    const ActorRef gone = system.spawn_on<Scripted>(i, Script{});
    gone.stop();
    gone.join();
    for (int n = 0; n < 5; ++n) gone.send(n);
    system.run_on(i, [] { idle(); });
  }

  const std::uint64_t late = system.late_replies();
  const ActorRef answers_twice = system.spawn<Scripted>(
      Script{.receive = [](Message& m) { m.reply(1), m.reply(2); }});
  system.run_on(1, [&] { answers_twice.ask<int>(0).get(), idle(); });
  system.run_on(0, [] { idle(); });
  system.run_on(1, [] { idle(); });

  CHECK(system.dead_letters() - dead == 10);
  CHECK(seen == 10);
  CHECK(system.late_replies() - late == 1);
}

// ---- the end

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
