#include "../../support/catch2.hpp"
#include "../../support/dies.hpp"
#include "../../support/run_hub.hpp"
#include "../../support/scripted.hpp"

#include <greenroom/actors/actor_system.hpp>
#include <greenroom/runtime/inspect/run_info.hpp>
#include <greenroom/runtime/sync/event.hpp>
#include <greenroom/runtime/tasks/join.hpp>
#include <greenroom/runtime/tasks/spawn.hpp>

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <functional>
#include <regex>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;

// Addresses differ from run to run.
std::string without_addresses(const std::string& text) {
  return std::regex_replace(text, std::regex("0x[0-9a-f]+"), "0x");
}

TEST_CASE("run info: shows who waits for what, since when, by spawner",
          "[runtime][run_info]") {
  std::string text;

  run_hub(
      [&] {
        Event never;
        const auto parent = spawn({.name = "parent"}, [&] {
          spawn({.name = "child"}, [&] { never.wait(); });
          sleep(1h);
        });
        const auto sibling = spawn({.name = "sibling"}, [&] { never.wait(); });
        sleep(2s);
        spawn([] {});
        const auto later = spawn_later(1s, [] {});
        text = format_run_info();
        killall(std::vector<GreenletPtr>{parent, sibling, later});
        never.set();
        wait();
      },
      {.name = "stage"});

  CHECK(without_addresses(text) ==
        "stage: 6 greenlets\n"
        "  main (1): running\n"
        "    parent (2): waits for its sleep to end (0x), for 2 s\n"
        "      child (4): waits for an event (0x), for 2 s\n"
        "    sibling (3): waits for an event (0x), for 2 s\n"
        "    Greenlet-5 (5): ready\n"
        "    Greenlet-6 (6): waits for its start\n");
}

TEST_CASE("run info: says that the spawner of a greenlet has ended",
          "[runtime][run_info]") {
  std::string text;

  run_hub(
      [&] {
        Event never;
        spawn([&] { spawn({.name = "orphan"}, [&] { never.wait(); }); });
        sleep(1s);
        text = format_run_info();
        never.set();
        wait();
      },
      {.name = "stage"});

  CHECK(without_addresses(text) ==
        "stage: 2 greenlets\n"
        "  main (1): running\n"
        "  orphan (3): waits for an event (0x), for 1 s, spawned by 2, which "
        "has ended\n");
}

TEST_CASE("run info: shows actors by type and address, also at rest",
          "[runtime][run_info]") {
  std::string text;
  std::string address;

  run_hub([&] {
    Event never;
    const auto idle = spawn<Scripted>(Script{});
    const auto busy =
        spawn<Scripted>(Script{.receive = [&](Message&) { never.wait(); }});
    busy.send(1);
    busy.send(2);
    sleep(1s);
    text = format_run_info();
    address = to_string(idle.address());
    never.set();
    idle.stop();
    busy.stop();
    wait();
  });

  INFO(text);
  CHECK(text.find("    greenroom::test::Scripted(" + address +
                  ") (2): resting, inbox 0\n") != std::string::npos);
  CHECK(without_addresses(text).find(
            ") (3): waits for an event (0x), for 1 s, inbox 1, handles "
            "int\n") != std::string::npos);
}

TEST_CASE("run info: can be asked for in a callback of the hub",
          "[runtime][run_info]") {
  std::string text;

  run_hub([&] {
    Hub::current().post([&] { text = format_run_info(); });
    sleep(1ms);
  });

  CHECK(without_addresses(text).find(
            "  main (1): waits for its sleep to end (0x)") !=
        std::string::npos);
}

TEST_CASE("run info: shows the first of very many greenlets",
          "[runtime][run_info]") {
  std::string text;

  run_hub([&] {
    for (std::size_t i = 0; i < kRunInfoLines + 10; ++i) spawn([] {});
    text = format_run_info();
    wait();
  });

  CHECK(text.size() > 11);
  CHECK(text.substr(text.size() - 14) == "  and 11 more\n");
}

TEST_CASE("run info: a long line of descent is shown without recursion",
          "[runtime][run_info]") {
  std::string text;

  run_hub([&] {
    Event never;
    std::function<void(int)> beget = [&](int generations) {
      if (generations > 0) spawn(beget, generations - 1);
      never.wait();
    };
    spawn(beget, 900);
    sleep(1s);
    text = format_run_info();
    never.set();
    wait();
  });

  CHECK(std::count(text.begin(), text.end(), '\n') == 903);
}

TEST_CASE("describe: says how a greenlet stands, or how it ended",
          "[runtime][run_info]") {
  std::vector<std::string> texts;

  run_hub([&] {
    class Unborn : public Greenlet {
      void run() override {}
    };
    const auto unborn = make_greenlet<Unborn>();
    const auto returns = spawn([] { return 5; });
    const auto killed = spawn([] { sleep(1h); });
    sleep();
    killed->kill();
    for (const GreenletPtr& g : {GreenletPtr(unborn), GreenletPtr(returns),
                                 GreenletPtr(killed), GreenletPtr(&current())})
      texts.push_back(describe(*g));
  });

  CHECK(texts == std::vector<std::string>{
                     "Greenlet-2 (2): not started", "Greenlet-3 (3): returned",
                     "Greenlet-4 (4): killed: GreenletExit",
                     "main (1): running"});
}

TEST_CASE("describe: does not count as a look at the failure",
          "[runtime][run_info]") {
  const Death death = death_of([] {
    run_hub([] {
      const auto fails =
          spawn({.name = "fails"}, [] { throw std::runtime_error("boom"); });
      sleep();
      std::fprintf(stderr, "%s\n", describe(*fails).c_str());
    });
  });

  CHECK(death.message ==
        "fails (2): failed with std::runtime_error: boom\n"
        "greenroom: fails failed with std::runtime_error: boom\n");
}

TEST_CASE("run info: is printed on a signal, by a hub that is busy",
          "[runtime][run_info]") {
  const Death death = death_of([] {
    print_run_info_on(SIGUSR1);
    run_hub(
        [] {
          const auto busy = spawn({.name = "busy"}, [] {
            for (int i = 0; i < 200; ++i) {
              if (i == 50) raise(SIGUSR1);
              sleep();
            }
          });
          busy->join();
        },
        {.name = "stage"});
  });

  INFO(death.message);
  CHECK(death.message.find("stage: 2 greenlets\n") == 0);
  CHECK(death.message.find("    busy (2): ready\n") != std::string::npos);
  CHECK(std::count(death.message.begin(), death.message.end(), '\n') == 3);
}

TEST_CASE("run info: is printed on a signal, by a hub that sleeps",
          "[runtime][run_info]") {
  const Death death = death_of([] {
    print_run_info_on(SIGUSR1);
    Hub& hub = Hub::current();
    Event end;
    std::thread other([&] {
      while (!hub.pulse().is_asleep) std::this_thread::yield();
      kill(getpid(), SIGUSR1);
      hub.post([&] { end.set(); });
    });
    end.wait();
    other.join();
  });

  INFO(death.message);
  CHECK(death.message.find(": 1 greenlet\n") != std::string::npos);
  CHECK(death.message.find("  main (1): ") != std::string::npos);
}

TEST_CASE("run info: refuses a signal that does not exist",
          "[runtime][run_info]") {
  CHECK_THROWS_AS(print_run_info_on(-1), std::system_error);
}

TEST_CASE("run info: of all hubs shows each of them", "[runtime][run_info]") {
  std::string text;
  {
    const Hub here(HubOptions{.name = "here"});
    ActorSystem system({.hubs = 2, .name = "there"});
    (void)system.spawn_on<Scripted>(1, Script{});
    text = format_run_info_of_all_hubs(forever);
  }

  INFO(text);
  CHECK(text.find("here: 1 greenlet\n  main (1): running\n") == 0);
  CHECK(text.find("\nthere-0: 1 greenlet\n"
                  "  main (1): waits for the end of its ActorSystem (0x") !=
        std::string::npos);
  CHECK(text.find("\nthere-1: 2 greenlets\n") != std::string::npos);
  CHECK(text.find("): resting, inbox 0, spawned by ") != std::string::npos);
}

TEST_CASE("run info: of all hubs, names those too busy to answer",
          "[runtime][run_info]") {
  std::string text;
  {
    std::atomic<bool> is_computing{false};
    std::atomic<bool> may_end{false};
    const Hub here;
    ActorSystem system({.hubs = 1, .name = "there"});
    const auto actor =
        system.spawn_on<Scripted>(0, Script{.receive = [&](Message&) {
                                    is_computing = true;
                                    while (!may_end) std::this_thread::yield();
                                  }});
    actor.send(1);
    while (!is_computing) std::this_thread::yield();
    text = format_run_info_of_all_hubs(1ms);
    may_end = true;
  }

  CHECK(text.find("\nthere-0: busy, has not answered in time\n") !=
        std::string::npos);
}

}  // namespace
}  // namespace greenroom::test
