#include "../support/catch2.hpp"
#include "../support/counted.hpp"
#include "../support/run_hub.hpp"
#include "../support/scripted.hpp"

#include <greenroom/messaging/broadcast.hpp>

#include <atomic>
#include <memory>
#include <string>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;

TEST_CASE("broadcast: all receivers see the same object",
          "[messaging][broadcast]") {
  Counts counts;
  std::vector<const Counted*> seen;
  int alive_meanwhile = 0;
  run_hub([&] {
    std::vector<Ref<Scripted>> refs;
    for (int i = 0; i < 10; ++i)
      refs.push_back(spawn<Scripted>(Script{.receive = [&](Message& m) {
        m.match([&](const Counted& c) { seen.push_back(&c); });
        alive_meanwhile = counts.alive;
      }}));
    broadcast(refs, Counted(counts));
  });

  CHECK(seen == std::vector<const Counted*>(10, seen.at(0)));
  CHECK(alive_meanwhile == 1);
  CHECK(counts.copies == 0);
  CHECK(counts.alive == 0);
}

TEST_CASE("broadcast: the payload lives as long as its last holder",
          "[messaging][broadcast]") {
  Counts counts;
  std::vector<int> alive;
  run_hub([&] {
    Event go;
    const Script waits{.receive = [&](Message&) { go.wait(); }};
    auto slow = spawn<Scripted>(waits);
    auto killed = spawn<Scripted>(waits);
    auto quick = spawn<Scripted>(Script{});
    broadcast(std::vector<ActorRef>{slow, quick, killed}, Counted(counts));
    idle();
    alive.push_back(counts.alive);
    killed.kill();
    killed.join();
    alive.push_back(counts.alive);
    go.set();
    idle();
    alive.push_back(counts.alive);
  });

  CHECK(alive == std::vector<int>{1, 1, 0});
}

TEST_CASE("broadcast: a receiver that takes the payload gets its own copy",
          "[messaging][broadcast]") {
  Counts counts;
  int looked_at = 0;
  run_hub([&] {
    std::vector<ActorRef> refs;
    refs.push_back(spawn<Scripted>(
        Script{.receive = [](Message& m) { m.match([](Counted) {}); }}));
    refs.push_back(spawn<Scripted>(
        Script{.receive = [](Message& m) { m.match([](Counted&&) {}); }}));
    refs.push_back(spawn<Scripted>(
        Script{.receive = [](Message& m) { (void)m.take<Counted>(); }}));
    refs.push_back(spawn<Scripted>(Script{
        .receive = [&](Message& m) { looked_at = m.as<Counted>().number; }}));
    broadcast(refs, Counted(counts, 77));
  });

  CHECK(counts.copies == 3);
  CHECK(counts.alive == 0);
  CHECK(looked_at == 77);
}

TEST_CASE("broadcast: what cannot be copied can be looked at, but not taken",
          "[messaging][broadcast]") {
  using Only = std::unique_ptr<int>;
  std::vector<int> seen;
  ExitReason end;
  run_hub([&] {
    auto looks = spawn<Scripted>(Script{.receive = [&](Message& m) {
      m.match([&](const Only& p) { seen.push_back(*p); });
    }});
    auto takes = spawn<Scripted>(
        Script{.receive = [](Message& m) { (void)m.take<Only>(); },
               .on_stop = [&](const ExitReason& reason) { end = reason; }});
    broadcast(std::vector<ActorRef>{looks, takes, looks},
              std::make_unique<int>(3));
  });

  CHECK(seen == std::vector<int>{3, 3});
  CHECK(end == ExitReason::Kind::failed);
  CHECK_THROWS_AS(std::rethrow_exception(end.what), std::bad_cast);
}

class Typed : public TypedActor<Typed, std::string> {
 public:
  explicit Typed(std::vector<std::string>& log) : log_(log) {}
  void on(std::string text) { log_.push_back(std::move(text)); }

 private:
  std::vector<std::string>& log_;
};

TEST_CASE("broadcast: a typed actor that takes by value gets a copy",
          "[messaging][broadcast]") {
  std::vector<std::string> log;
  run_hub([&] {
    const std::vector<Ref<Typed>> refs{spawn<Typed>(log), spawn<Typed>(log)};
    broadcast(refs, std::string("to all"));
  });

  CHECK(log == std::vector<std::string>{"to all", "to all"});
}

TEST_CASE("broadcast: each receiver that has ended means a dead letter",
          "[messaging][broadcast]") {
  Counts counts;
  std::uint64_t dead = 0;
  int received = 0;
  run_hub([&] {
    auto gone = spawn<Scripted>(Script{});
    gone.stop();
    gone.join();
    auto here =
        spawn<Scripted>(Script{.receive = [&](Message&) { ++received; }});
    const std::uint64_t before = PostOffice::here().dead_letters();
    broadcast(std::vector<ActorRef>{gone, here, gone}, Counted(counts));
    dead = PostOffice::here().dead_letters() - before;
  });

  CHECK(dead == 2);
  CHECK(received == 1);
  CHECK(counts.alive == 0);
}

TEST_CASE("broadcast: does nothing if there are no receivers",
          "[messaging][broadcast]") {
  Counts counts;
  run_hub([&] { broadcast(std::vector<ActorRef>{}, Counted(counts)); });

  CHECK(counts.alive == 0);
}

TEST_CASE("broadcast: stops at the first inbox that refuses it, without a leak",
          "[messaging][broadcast]") {
  Counts counts;
  std::vector<int> received;
  bool threw = false;
  run_hub([&] {
    std::vector<ActorRef> refs;
    for (int i = 0; i < 3; ++i)
      refs.push_back(spawn<Scripted>(
          InboxLimits{.capacity = 1, .when_full = WhenFull::fail},
          Script{.receive = [&, i](Message&) { received.push_back(i); }}));
    refs[1].send(0);
    try {
      broadcast(refs, Counted(counts));
    } catch (const InboxFull&) {
      threw = true;
    }
  });

  CHECK(threw);
  CHECK(received == std::vector<int>{0, 1});
  CHECK(counts.alive == 0);
}

TEST_CASE("broadcast: shares across hubs, too", "[messaging][broadcast]") {
  Counts counts;
  std::atomic<int> sum{0};
  {
    const Hub hub;
    ActorSystem system{{.hubs = 2}};
    std::vector<ActorRef> refs;
    for (int i = 0; i < 20; ++i)
      refs.push_back(system.spawn<Scripted>(Script{.receive = [&](Message& m) {
        m.match([&](const Counted& c) { sum += c.number; },
                [](char c) { return c; });
      }}));
    broadcast(refs, Counted(counts, 2));
    // An answer shows that its sender has had the broadcast.
    for (const ActorRef& ref : refs) ref.ask<char>('?').get();
  }

  CHECK(sum == 40);
  CHECK(counts.copies == 0);
  CHECK(counts.alive == 0);
}

}  // namespace
}  // namespace greenroom::test
