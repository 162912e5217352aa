#include "../support/catch2.hpp"
#include "../support/counted.hpp"
#include "../support/dies.hpp"
#include "../support/run_hub.hpp"
#include "../support/scripted.hpp"

#include <greenroom/messaging/post_office.hpp>
#include <greenroom/runtime/core/sanitizer.hpp>

#include <atomic>
#include <cstdio>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;
using Log = std::vector<std::string>;
using Numbers = std::vector<int>;

// ---- dead letters

TEST_CASE("post_office: shows subscribers each dead letter, whole, and why",
          "[messaging][post_office]") {
  Log log;
  bool knew_the_address = false;
  run_hub([&] {
    auto actor = spawn<Scripted>(Script{});
    PostOffice::here().subscribe_to_dead_letters([&](const DeadLetter& d) {
      log.push_back(d.message.as<std::string>() + ": " + d.why);
      knew_the_address = d.to == actor.address();
    });
    PostOffice::here().subscribe_to_dead_letters(
        [&](const DeadLetter&) { log.push_back("the second one, too"); });
    actor.send(std::string("arrives"));
    idle();
    actor.send(std::string("waits"));
    actor.stop();
    actor.join();
    actor.send(std::string("late"));
  });

  CHECK(log == Log{"waits: it has ended", "the second one, too",
                   "late: it has ended", "the second one, too"});
  CHECK(knew_the_address);
}

TEST_CASE("post_office: counts dead letters, and disposes of them",
          "[messaging][post_office]") {
  Counts counts;
  std::uint64_t dead = 0;
  run_hub([&] {
    const std::uint64_t before = PostOffice::here().dead_letters();
    auto actor = spawn<Scripted>(Script{});
    for (int i = 0; i < 100; ++i) actor.send(Counted(counts));
    actor.kill();  // before it ever ran
    for (int i = 0; i < 100; ++i) actor.send(Counted(counts));
    dead = PostOffice::here().dead_letters() - before;
  });

  CHECK(dead == 200);
  CHECK(counts.alive == 0);
}

TEST_CASE(
    "post_office: what is sent to nobody is a dead letter where it is sent",
    "[messaging][post_office]") {
  const Hub hub;
  ActorSystem system{{.hubs = 1}};
  std::vector<HubId> found_on;
  system.run_on(0, [&] {
    PostOffice::here().subscribe_to_dead_letters(
        [&](const DeadLetter&) { found_on.push_back(Hub::current().id()); });
  });
  const std::uint64_t before = system.dead_letters();
  const HubId there = system.run_on(0, [] {
    ActorRef().send(1);
    return Hub::current().id();
  });

  CHECK(found_on == std::vector<HubId>{there});
  CHECK(system.dead_letters() - before == 1);
}

TEST_CASE("post_office: a subscriber that throws is reported, and no more",
          "[messaging][post_office]") {
  const Death end = death_of([] {
    run_hub([] {
      PostOffice::here().subscribe_to_dead_letters(
          [](const DeadLetter&) { throw std::runtime_error("not today"); });
      PostOffice::here().subscribe_to_dead_letters([](const DeadLetter&) {
        std::fputs("the second subscriber\n", stderr);
      });
      ActorRef().send(1);
    });
  });

  CHECK(end.signal == 0);
  CHECK_THAT(end.message, Contains("not today") && Contains("second"));
}

TEST_CASE("post_office: subscribers may send", "[messaging][post_office]") {
  Numbers got;
  run_hub([&] {
    auto morgue = spawn<Scripted>(
        Script{.receive = [&](Message& m) { got.push_back(m.as<int>()); }});
    PostOffice::here().subscribe_to_dead_letters(
        [morgue](const DeadLetter& d) { morgue.send(d.message.as<int>()); });
    ActorRef() << 1 << 2;
  });

  CHECK(got == Numbers{1, 2});
}

TEST_CASE("post_office: a payload may send a message from its destructor",
          "[messaging][post_office]") {
  // A payload that sends another message when it ends.
  struct LastWill {
    explicit LastWill(const ActorRef& r) : heir(r) {}
    LastWill(LastWill&& other) noexcept : heir(std::exchange(other.heir, {})) {}
    ~LastWill() {
      if (heir) heir.send(1);
    }
    ActorRef heir;
  };
  int handled = 0;
  run_hub([&] {
    auto heir =
        spawn<Scripted>(Script{.receive = [&](Message&) { ++handled; }});
    auto last = spawn<Scripted>(Script{});
    idle();
    last.send(LastWill(heir));  // handled, then gone
    idle();
    last << LastWill(heir) << LastWill(heir);
    last.stop();  // dead letters
    idle();
    last.send(LastWill(heir));
    heir.send(LastWill(heir));  // to itself, from its own last message
    idle();
    heir.send(LastWill(heir));
    heir.stop();  // and one that nobody will handle
  });

  CHECK(handled == 6);
}

// ---- who lives here

TEST_CASE("post_office: counts its population, and waits until it is gone",
          "[messaging][post_office]") {
  std::vector<std::size_t> population;
  std::vector<bool> empty;
  run_hub([&] {
    PostOffice& office = PostOffice::here();
    auto a = spawn<Scripted>(Script{});
    auto b = spawn<Scripted>(Script{});
    population.push_back(office.population());
    a.stop();
    a.join();
    population.push_back(office.population());
    empty.push_back(office.wait_until_empty(1s));
    auto stopper = spawn_later(1s, [b] { b.stop(); });
    empty.push_back(office.wait_until_empty(10s));
    population.push_back(office.population());
  });

  CHECK(population == std::vector<std::size_t>{2, 1, 0});
  CHECK(empty == std::vector<bool>{false, true});
}

TEST_CASE("post_office: stops and kills everybody",
          "[messaging][post_office]") {
  std::multiset<std::string> ends;
  run_hub([&] {
    for (int i = 0; i < 4; ++i)
      spawn<Scripted>(
          Script{.receive = [](Message&) { sleep(1h); },
                 .on_stop =
                     [&](const ExitReason& r) { ends.insert(to_string(r)); }})
          .send(i);
    spawn<Scripted>(Script{
        .on_stop = [&](const ExitReason& r) { ends.insert(to_string(r)); }});
    idle();
    PostOffice::here().stop_everybody();
    idle();
    PostOffice::here().kill_everybody();
    PostOffice::here().wait_until_empty(forever);
  });

  CHECK(ends == std::multiset<std::string>{"killed", "killed", "killed",
                                           "killed", "stopped"});
}

// ---- hubs come and go

TEST_CASE("post_office: the end of a hub stops its actors, each hub its own",
          "[messaging][post_office]") {
  Log log;
  for (int round = 0; round < 3; ++round)
    run_hub([&] {
      spawn<Scripted>(Script{.on_stop = [&](const ExitReason& r) {
        log.push_back(to_string(r));
      }});
    });

  CHECK(log == Log{"stopped", "stopped", "stopped"});
}

TEST_CASE("post_office: the end of a hub kills actors that wait",
          "[messaging][post_office]") {
  Log log;
  {
    const Hub hub;
    spawn<Scripted>(
        Script{.receive = [](Message&) { sleep(24h); },
               .on_stop =
                   [&](const ExitReason& r) { log.push_back(to_string(r)); }})
        .send(1);
    idle();
  }

  CHECK(log == Log{"killed"});
}

TEST_CASE("post_office: actors spawned while the hub ends are stopped, too",
          "[messaging][post_office]") {
  Counts counts;
  Log log;
  run_hub([&] {
    spawn<Scripted>(Script{.on_stop = [&](const ExitReason&) {
      auto late = spawn<Scripted>(
          Script{.on_start = [&] { log.push_back("late starts"); },
                 .on_stop =
                     [&](const ExitReason& r) {
                       log.push_back("late is " + to_string(r));
                     }});
      late.send(Counted(counts));
    }});
  });

  CHECK(log == Log{"late starts", "late is stopped"});
  CHECK(counts.alive == 0);
}

TEST_CASE("post_office: a hub ends well while a kill awaits its main greenlet",
          "[messaging][post_office]") {
  Log log;
  {
    const Hub hub;
    spawn<Scripted>(Script{
        .on_stop = [&](const ExitReason& r) { log.push_back(to_string(r)); }});
    idle();
    Hub::current().main().kill_soon();
  }

  CHECK(log == Log{"stopped"});
}

TEST_CASE("post_office: a thread without its hub reaches hubs of that number",
          "[messaging][post_office]") {
  // This thread had hub 0 and gave it up; then another thread has it.
  Numbers got;
  int old_number = -1;
  run_hub([&] {
    old_number = Hub::current().id();
    spawn<Scripted>(Script{});
  });

  ActorRef ref;
  Hub* there = nullptr;
  std::atomic<bool> is_up{false};
  std::atomic<bool> may_end{false};
  std::thread owner([&] {
    const Hub hub;
    ref = spawn<Scripted>(
        Script{.receive = [&](Message& m) { got.push_back(m.as<int>()); }});
    there = &Hub::current();
    is_up = true;
    while (!may_end) sleep(1ms);
    idle();
  });
  while (!is_up) std::this_thread::yield();
  const int new_number = there->id();
  ref.send(5);
  may_end = true;
  owner.join();

  CHECK(new_number == old_number);
  CHECK(got == Numbers{5});
}

// ThreadSanitizer takes each stack for a thread, and has given up on the child
// of a program with threads.
#if !defined(GREENROOM_TSAN)

TEST_CASE("post_office: after fork() the child's actors are its own",
          "[messaging][post_office]") {
  Log log;
  run_hub([&] {
    Numbers parents;
    const auto parent = spawn<Scripted>(
        Script{.receive = [&](Message& m) { parents.push_back(m.as<int>()); }});
    idle();
    const Death child = death_of([&] {
      const auto mine = spawn<Scripted>(Script{.receive = [](Message& m) {
        std::fprintf(stderr, "%s %d\n", m.type_name().c_str(), m.as<int>());
      }});
      parent.send(1);  // a dead letter: it does not live in the child
      mine.send(2);
      idle();
      if (mine == parent) std::fputs("an address was given twice\n", stderr);
    });
    log.push_back(child.message);
    parent.send(3);
    idle();
    log.push_back(std::to_string(parents.size()));
  });

  CHECK(log == Log{"int 2\n", "1"});
}

TEST_CASE("post_office: fork() in a handler leaves the child that actor",
          "[messaging][post_office]") {
  std::string message;
  run_hub([&] {
    auto other = spawn<Scripted>(Script{});
    auto forks = spawn<Scripted>(Script{.receive = [&, other](Message& m) {
      if (m.is<char>()) return;
      message = death_of([&] {
                  other.send(1);
                  const ActorRef self = spawn<Scripted>(Script{});
                  self.send('c');
                  sleep();
                  std::fputs("goes on", stderr);
                }).message;
    }});
    forks.send(0);
  });

  CHECK(message == "goes on");
}

#endif

}  // namespace
}  // namespace greenroom::test
