// The actor of gevent's tutorial (a Greenlet with an inbox and receive()),
// number by number: conformance/README.md.

#include "../support/catch2.hpp"
#include "../support/dies.hpp"
#include "../support/run_hub.hpp"
#include "../support/scripted.hpp"

#include <greenroom/actors/actor.hpp>
#include <greenroom/actors/spawn.hpp>
#include <greenroom/runtime/tasks/join.hpp>

#include <algorithm>
#include <cstdlib>
#include <numeric>
#include <string>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;
using Kind = ExitReason::Kind;
using Log = std::vector<std::string>;

struct Start {};
struct Ping {
  ActorRef from;
};
struct Pong {};

TEST_CASE(
    "gevent 404: send() never waits, one sender's messages keep their "
    "order",
    "[conformance][actor]") {
  std::vector<int> log;
  std::vector<int> expected(1000);
  std::iota(expected.begin(), expected.end(), 0);

  run_hub([&](TestHub& h) {
    const auto slow = spawn<Scripted>(Script{
        .receive = [&](Message& m) { sleep(1s), log.push_back(m.as<int>()); }});
    for (int i = 0; i < 1000; ++i) slow.send(i);
    CHECK(h.elapsed() == 0s);
    CHECK(log.empty());
    sleep(2000s);
  });

  CHECK(log == expected);
}

TEST_CASE("gevent 405: an actor handles one message at a time",
          "[conformance][actor]") {
  int inside = 0;
  int most = 0;
  int handled = 0;

  run_hub([&] {
    const auto actor = spawn<Scripted>(Script{.receive = [&](Message&) {
      most = std::max(most, ++inside);
      sleep(1s);
      --inside;
      ++handled;
    }});
    std::vector<GreenletPtr> senders;
    for (int i = 0; i < 3; ++i)
      senders.push_back(spawn([&] { actor << 1 << 2; }));
    joinall(senders);
    wait();
  });

  CHECK(most == 1);
  CHECK(handled == 6);
}

TEST_CASE("gevent 406: ping and pong alternate", "[conformance][actor]") {
  Log log;

  run_hub([&] {
    ActorRef pinger;
    const auto ponger = spawn<Scripted>(Script{.receive = [&](Message& m) {
      log.push_back("pong");
      m.as<Ping>().from.send(Pong{});
    }});
    pinger = spawn<Scripted>(Script{.receive = [&](Message& m) {
      log.push_back(m.is<Start>() ? "start" : "ping");
      if (log.size() < 6) ponger.send(Ping{pinger});
    }});
    pinger.send(Start{});
    wait();
  });

  CHECK(log == Log{"start", "pong", "ping", "pong", "ping", "pong", "ping"});
}

TEST_CASE(
    "gevent 407: stop() ends an actor after the message in hand, an actor that "
    "waits can be killed",
    "[conformance][actor]") {
  Log log;
  ExitReason stopped;
  ExitReason killed;

  run_hub([&](TestHub& h) {
    const Script script{.receive = [&](Message& m) {
      log.push_back("begins " + std::to_string(m.as<int>()));
      sleep(1s);
      log.push_back("ends " + std::to_string(m.as<int>()));
    }};
    const auto stops = spawn<Scripted>(script);
    stops << 1 << 2;
    idle();
    stops.stop();
    stopped = stops.join();
    CHECK(h.elapsed() == 1s);

    const auto dies = spawn<Scripted>(script);
    dies << 3;
    idle();
    auto end = dies.ending();
    dies.kill();
    killed = end.take();
    CHECK(h.elapsed() == 1s);
  });

  CHECK(log == Log{"begins 1", "ends 1", "begins 3"});
  CHECK(stopped == Kind::stopped);
  CHECK(killed == Kind::killed);
}

TEST_CASE(
    "gevent 408: a killed actor counts as ended well, and is not reported",
    "[conformance][actor]") {
  const Death death = death_of([] {
    run_hub([] {
      const auto actor =
          spawn<Scripted>(Script{.receive = [](Message&) { sleep(100s); }});
      actor.send(1);
      idle();
      auto end = actor.ending();
      actor.kill();
      if (!(end.take() == Kind::killed)) std::abort();
    });
  });

  CHECK(death.signal == 0);
  CHECK(death.message.empty());
}

TEST_CASE(
    "gevent 409: an actor without receive() fails at its first message, which "
    "is reported, others live on",
    "[conformance][actor]") {
  struct Deaf : Actor {};

  const Death death = death_of([] {
    run_hub([] {
      int handled = 0;
      const auto deaf = spawn<Deaf>();
      const auto other =
          spawn<Scripted>(Script{.receive = [&](Message&) { ++handled; }});
      sleep();
      deaf.send(1);
      other.send(1);
      sleep();
      other.send(2);
      sleep();
      if (handled != 2) std::abort();
    });
  });

  CHECK(death.signal == 0);
  CHECK(death.message.find("failed with greenroom::NotImplementedError: ") !=
        std::string::npos);
  CHECK(death.message.find("does not override receive(Message&)") !=
        std::string::npos);
}

TEST_CASE("gevent 410: a message to an actor that has ended is a dead letter",
          "[conformance][actor]") {
  Log log;

  run_hub([&] {
    PostOffice::here().subscribe_to_dead_letters([&](const DeadLetter& letter) {
      log.push_back(letter.message.type_name());
    });
    const auto actor = spawn<Scripted>(Script{});
    actor.stop();
    actor.join();
    // Unlike gevent, where the inbox takes it and nobody hears of it.
    actor.send(5);
    CHECK(log == Log{"int"});
  });
}

TEST_CASE(
    "gevent 411: if nobody can send any more, the main greenlet gets a "
    "LoopExit",
    "[conformance][actor]") {
  run_hub([&] {
    AsyncResult<int> result;
    const auto silent = spawn<Scripted>(Script{});
    silent.send(Start{});
    CHECK_THROWS_AS(result.get(), LoopExit);
    auto answer = silent.ask<int>(5);
    CHECK_THROWS_AS(answer.get(), LoopExit);
  });
}

}  // namespace
}  // namespace greenroom::test
