#include "../support/catch2.hpp"
#include "../support/counted.hpp"
#include "../support/run_hub.hpp"
#include "../support/scripted.hpp"

#include <greenroom/actors/typed_actor.hpp>

#include <memory>
#include <string>
#include <type_traits>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;
using Log = std::vector<std::string>;

struct Add {
  int amount;
};
struct Total {};
struct Reset {};
struct Describe {
  std::string prefix;
};
struct Start {};

class Counter : public TypedActor<Counter, Add, Total, Reset, Describe,
                                  std::unique_ptr<int>> {
 public:
  explicit Counter(int start = 0) : sum_(start) {}

  void on(Add message) { sum_ += message.amount; }
  int on(Total) const { return sum_; }
  void on(Reset) {
    sleep(1s);  // may wait, as every handler
    sum_ = 0;
  }
  std::string on(const Describe& message) const {
    return message.prefix + std::to_string(sum_);
  }
  std::unique_ptr<int> on(std::unique_ptr<int>&& given) {
    sum_ += *given;
    return std::move(given);
  }

 private:
  int sum_;
};

TEST_CASE("typed_actor: has an on() for each type, and its result answers",
          "[actors][typed_actor]") {
  Log log;
  run_hub([&] {
    auto counter = spawn<Counter>(3);
    counter.send(Add{2});
    counter << Add{1} << Add{4};
    log.push_back(std::to_string(counter.ask(Total{}).get()));
    log.push_back(counter.ask(Describe{"sum "}).get());
    log.push_back(
        std::to_string(*counter.ask(std::make_unique<int>(90)).take()));
    log.push_back(std::to_string(counter.ask(Total{}).get()));
  });

  CHECK(log == Log{"10", "sum 10", "90", "100"});
}

TEST_CASE("typed_actor: an on() that returns nothing answers when it is done",
          "[actors][typed_actor]") {
  int total = -1;
  Duration took{};
  run_hub([&](TestHub& h) {
    auto counter = spawn<Counter>(7);
    Reply<void> done = counter.ask(Reset{});
    done.get();
    took = h.elapsed();
    total = counter.ask(Total{}).get();
  });

  CHECK(took == 1s);
  CHECK(total == 0);
}

TEST_CASE("typed_actor: its refs know the type of each answer",
          "[actors][typed_actor]") {
  using R = Ref<Counter>;
  STATIC_REQUIRE(std::is_same_v<decltype(R().ask(Total{})), Reply<int>>);
  STATIC_REQUIRE(std::is_same_v<decltype(R().ask(Add{1})), Reply<void>>);
  STATIC_REQUIRE(
      std::is_same_v<decltype(R().ask(Describe{})), Reply<std::string>>);
  STATIC_REQUIRE(Counter::Interface::receives<Add>);
  STATIC_REQUIRE_FALSE(Counter::Interface::receives<Start>);
}

TEST_CASE("typed_actor: another type through an untyped ref is a dead letter",
          "[actors][typed_actor]") {
  Log log;
  int total = 0;
  bool unreachable = false;
  run_hub([&] {
    PostOffice::here().subscribe_to_dead_letters([&](const DeadLetter& d) {
      log.push_back(d.message.type_name() + ": " + d.why);
    });
    auto counter = spawn<Counter>(1);
    const ActorRef untyped = counter;
    untyped.send(Start{});
    untyped.send(Add{1});
    try {
      untyped.ask<int>(Start{}).get();
    } catch (const ActorUnreachable&) {
      unreachable = true;
    }
    total = counter.ask(Total{}).get();  // it lives on
  });

  REQUIRE(log.size() == 2);
  CHECK_THAT(log[0], Contains("Start: it does not receive this type"));
  CHECK(unreachable);
  CHECK(total == 2);
}

class Collector : public TypedActor<Collector, Counted, int> {
 public:
  void on(const Counted& c) { seen += c.number; }
  void on(int) { throw std::runtime_error("not a number I like"); }
  int seen = 0;
};

TEST_CASE("typed_actor: a const T& handler looks without copying",
          "[actors][typed_actor]") {
  Counts counts;
  run_hub([&] {
    auto collector = spawn<Collector>();
    for (int i = 0; i < 5; ++i) collector.send(Counted(counts, i));
  });

  CHECK(counts.copies == 0);
  CHECK(counts.moves == 5);
  CHECK(counts.alive == 0);
}

TEST_CASE("typed_actor: an on() that throws fails the ask and the actor",
          "[actors][typed_actor]") {
  Log log;
  run_hub([&] {
    auto collector = spawn<Collector>();
    try {
      collector.ask(1).get();
    } catch (const std::runtime_error& e) {
      log.push_back(e.what());
    }
    log.push_back(to_string(collector.join()));
  });

  CHECK(log == Log{"not a number I like", "ended before"});
}

TEST_CASE("typed_actor: asks across hubs", "[actors][typed_actor]") {
  const Hub hub;
  ActorSystem system{{.hubs = 2}};
  auto counter = system.spawn_on<Counter>(1, 5);
  system.run_on(0, [counter] {
    for (int i = 0; i < 100; ++i) counter.send(Add{1});
    counter.ask(Add{1}).get();
  });

  CHECK(counter.ask(Total{}).get() == 106);
}

class Bounded : public TypedActor<Bounded, int> {
 public:
  Bounded() : TypedActor({.capacity = 1, .when_full = WhenFull::fail}) {}
  void on(int) {}
};

TEST_CASE("typed_actor: may have a bound, as every actor",
          "[actors][typed_actor]") {
  bool full = false;
  run_hub([&] {
    auto bounded = spawn<Bounded>();
    bounded.send(1);
    try {
      bounded.send(2);
    } catch (const InboxFull&) {
      full = true;
    }
  });

  CHECK(full);
}

}  // namespace
}  // namespace greenroom::test
