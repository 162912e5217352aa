// What goes wrong in an actor stays there: handlers that throw, actors without
// handlers, memory that runs out. And what the compiler does not let pass.

#include "../support/catch2.hpp"
#include "../support/counted.hpp"
#include "../support/dies.hpp"
#include "../support/run_hub.hpp"
#include "../support/scripted.hpp"

#include <greenroom/actors/actor.hpp>

#include <algorithm>
#include <new>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;
using Kind = ExitReason::Kind;
using Log = std::vector<std::string>;

class Blank : public Actor {};

TEST_CASE("actor: fails without a receive(), and the error says why",
          "[actors][actor]") {
  std::string error;
  run_hub([&] {
    try {
      spawn<Blank>().ask<int>(1.5).get();
    } catch (const NotImplementedError& e) {
      error = e.what();
    }
  });

  CHECK_THAT(error, Contains("Blank(hub") && Contains("a double") &&
                        Contains("does not override receive(Message&)"));
}

TEST_CASE("actor: a failure that nobody hears of is printed, once",
          "[actors][actor]") {
  const Death end = death_of([] {
    run_hub([] {
      spawn<Blank>().send(1);
      spawn<Scripted>(Script{.receive = [](Message&) {
        throw std::runtime_error("disk full");
      }}).send(1);
    });
  });

  CHECK(end.signal == 0);
  CHECK(end.status == 0);
  CHECK(std::count(end.message.begin(), end.message.end(), '\n') == 2);
  CHECK_THAT(end.message, Contains("Blank(hub") &&
                              Contains("does not override receive") &&
                              Contains("Scripted(hub") &&
                              Contains("std::runtime_error: disk full"));
}

TEST_CASE("actor: an end that is no failure is not printed",
          "[actors][actor]") {
  const Death end = death_of([] {
    run_hub([] {
      auto killed =
          spawn<Scripted>(Script{.receive = [](Message&) { sleep(1h); }});
      killed.send(1);
      auto stopped = spawn<Scripted>(Script{});
      idle();
      killed.kill();
      stopped.stop();
    });
  });

  CHECK(end.message == "");
}

TEST_CASE("actor: a handler that throws ends its actor, and nobody else",
          "[actors][actor]") {
  Log log;
  Counts counts;
  std::uint64_t dead = 0;
  run_hub([&] {
    const std::uint64_t before = PostOffice::here().dead_letters();
    auto fails = spawn<Scripted>(Script{
        .receive = [&](Message&) -> void { throw std::logic_error("oops"); },
        .on_stop = [&](const ExitReason& r) { log.push_back(to_string(r)); }});
    auto other = spawn<Scripted>(
        Script{.receive = [&](Message&) { log.push_back("goes on"); }});
    fails << Counted(counts) << Counted(counts) << Counted(counts);
    idle();
    other.send(1);
    idle();
    dead = PostOffice::here().dead_letters() - before;
  });

  CHECK(log == Log{"failed with std::logic_error: oops", "goes on"});
  CHECK(dead == 2);  // the one in hand was handled, if badly
  CHECK(counts.alive == 0);
}

TEST_CASE("actor: may throw anything at all", "[actors][actor]") {
  struct Odd {};
  std::vector<ExitReason> ends;
  bool odd = false;
  run_hub([&] {
    const auto fails_with = [&](auto what) {
      return spawn<Scripted>(
          Script{.receive = [what](Message&) { throw what; },
                 .on_stop = [&](const ExitReason& r) { ends.push_back(r); }});
    };
    fails_with(Odd()).send(1);
    fails_with(42).send(1);
    fails_with(GreenletExit()).send(1);
    fails_with(TimeoutError(1s)).send(1);
    try {
      fails_with(Odd()).ask<int>(1).get();
    } catch (const Odd&) {
      odd = true;
    }
  });

  REQUIRE(ends.size() == 5);
  CHECK(ends[0] == Kind::failed);
  CHECK(ends[1] == Kind::failed);
  CHECK(ends[2] == Kind::killed);  // it may end itself like this
  CHECK(ends[3] == Kind::failed);
  CHECK(odd);
}

TEST_CASE("actor: running out of memory in a handler ends that actor",
          "[actors][actor]") {
  Log log;
  run_hub([&] {
    auto hungry = spawn<Scripted>(Script{
        .receive =
            [](Message& m) {
              if (m.is<char>()) throw std::bad_alloc();
              std::vector<char> all(std::size_t{1} << 62U);
              m.reply(all.size());
            },
        .on_stop = [&](const ExitReason& r) { log.push_back(to_string(r)); }});
    try {
      hungry.ask<std::size_t>('!').get();
    } catch (const std::bad_alloc&) {
      log.push_back("the asker hears of it");
    }
    auto next =
        spawn<Scripted>(Script{.receive = [](Message& m) { m.reply(1); }});
    log.push_back(std::to_string(next.ask<int>(0).get()));
  });

  REQUIRE(log.size() == 3);
  CHECK_THAT(log[0], Contains("failed with std::bad_alloc"));
  CHECK(log[1] == "the asker hears of it");
  CHECK(log[2] == "1");
}

TEST_CASE("actor: a handler may answer and then throw", "[actors][actor]") {
  int got = 0;
  std::uint64_t late = 0;
  ExitReason end;
  run_hub([&] {
    const std::uint64_t before = PostOffice::here().late_replies();
    auto actor = spawn<Scripted>(
        Script{.receive =
                   [](Message& m) {
                     m.reply(3);
                     throw std::runtime_error("afterwards");
                   },
               .on_stop = [&](const ExitReason& r) { end = r; }});
    got = actor.ask<int>(0).get();
    idle();
    late = PostOffice::here().late_replies() - before;
  });

  CHECK(got == 3);
  CHECK(end == Kind::failed);
  CHECK(late == 1);  // the exception: it came second
}

TEST_CASE("actor: waits inside a catch block, and `throw` still rethrows",
          "[actors][actor]") {
  Log log;
  run_hub([&] {
    for (const std::string name : {"a", "b", "c"})
      spawn<Scripted>(Script{.receive = [&, name](Message&) {
        try {
          throw std::runtime_error(name);
        } catch (const std::runtime_error&) {
          sleep(1s);  // others throw and catch meanwhile
          try {
            throw;
          } catch (const std::runtime_error& e) {
            log.push_back(name + " caught " + e.what());
          }
        }
      }}).send(0);
  });

  CHECK(log == Log{"a caught a", "b caught b", "c caught c"});
}

TEST_CASE("actor: asking oneself throws LoopExit instead of waiting for ever",
          "[actors][actor]") {
  std::string error;
  run_hub([&] {
    ActorRef self;
    self = spawn<Scripted>(
        Script{.receive = [&](Message&) { self.ask<int>(2).get(); }});
    try {
      self.ask<int>(1).get();
    } catch (const LoopExit& e) {
      error = e.what();
    }
    self.kill();
  });

  CHECK_THAT(error, Contains("main waits for a reply") &&
                        Contains("Scripted(hub") &&
                        Contains("waits for a reply"));
}

TEST_CASE("actor: its object used on another thread aborts with a sentence",
          "[actors][actor]") {
  const Death end = death_of([] {
    const Hub hub;
    const auto actor = make_greenlet<Scripted>(Script{});
    actor->start();
    std::thread([&] { actor->kill_soon(); }).join();
  });

  CHECK(end.signal == SIGABRT);
  CHECK_THAT(end.message,
             Contains("a thread without a hub") && Contains("Hub::post()"));
}

TEST_CASE("actor: a handler that must not park can send, but not ask",
          "[actors][actor]") {
  Log log;
  run_hub([&] {
    auto actor = spawn<Scripted>(
        Script{.receive = [&](Message&) { log.push_back("received"); }});
    (void)Hub::current().post([&, actor] {
      actor.send(1);
      try {
        (void)actor.ask<int>(2).get();
      } catch (const BlockingSwitchOutError&) {
        log.push_back("refused");
      }
    });
    sleep(1s);
  });

  CHECK(log == Log{"refused", "received", "received"});
}

}  // namespace
}  // namespace greenroom::test
