#include "../support/catch2.hpp"
#include "../support/scripted.hpp"

#include <greenroom/actors/actor_system.hpp>

#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;

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

  CHECK_THAT(where, StartsWith("s-"));
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

TEST_CASE("actor_system: what a constructor throws reaches the caller",
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
    // A processor that this process may not use is left out.
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

}  // namespace
}  // namespace greenroom::test
