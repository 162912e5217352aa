#include "../support/catch2.hpp"
#include "../support/counted.hpp"
#include "../support/run_hub.hpp"
#include "../support/scripted.hpp"

#include <greenroom/actors/spawn.hpp>

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;
using Log = std::vector<std::string>;

class Holder : public Actor {
 public:
  Holder(std::unique_ptr<int> value, int& out) : value_(std::move(value)) {
    out = *value_;
  }

 private:
  void receive(Message&) override {}
  std::unique_ptr<int> value_;
};

TEST_CASE("spawn: makes the actor at once, from any arguments",
          "[actors][spawn]") {
  int made_of = 0;
  int seen_before_a_turn = 0;
  run_hub([&] {
    spawn<Holder>(std::make_unique<int>(5), made_of);
    seen_before_a_turn = made_of;
  });

  CHECK(seen_before_a_turn == 5);
}

TEST_CASE("spawn: the actor starts when the caller next parks, in order",
          "[actors][spawn]") {
  Log log;
  run_hub([&] {
    for (const char* name : {"a", "b", "c"})
      spawn<Scripted>(Script{.on_start = [&, name] { log.push_back(name); }});
    log.push_back("spawned");
    sleep();
    log.push_back("parked");
  });

  CHECK(log == Log{"spawned", "a", "b", "c", "parked"});
}

class Fails : public Actor {
 public:
  explicit Fails(Counts& counts) {
    self().send(Counted(counts));
    throw std::runtime_error("not made");
  }

 private:
  void receive(Message&) override {}
};

TEST_CASE(
    "spawn: a constructor's exception reaches the caller, nothing is left",
    "[actors][spawn]") {
  Counts counts;
  Log log;
  std::size_t population = 1;
  run_hub([&] {
    try {
      spawn<Fails>(counts);
    } catch (const std::runtime_error& e) {
      log.push_back(e.what());
    }
    population = PostOffice::here().population();
  });

  CHECK(log == Log{"not made"});
  CHECK(population == 0);
  CHECK(counts.alive == 0);
}

TEST_CASE("spawn: actors spawn actors, from constructors and all hooks",
          "[actors][spawn]") {
  int alive = 0;
  int most = 0;
  class Tree : public Actor {
   public:
    Tree(int depth, int& now, int& peak)
        : depth_(depth), now_(now), peak_(peak) {
      peak_ = std::max(peak_, ++now_);
      if (depth_ == 3) branch();
    }
    ~Tree() override { --now_; }

   private:
    void on_start() override {
      if (depth_ == 2) branch();
    }
    void receive(Message&) override {
      if (depth_ == 1) branch();
    }
    void branch() {
      for (int i = 0; i < 2; ++i) spawn<Tree>(depth_ - 1, now_, peak_).send(0);
    }
    const int depth_;
    int& now_;
    int& peak_;
  };
  run_hub([&] { spawn<Tree>(3, alive, most); });

  CHECK(most == 1 + 2 + 4 + 8);
  CHECK(alive == 0);
}

TEST_CASE("spawn: a thread without a hub gets one, which ends with it",
          "[actors][spawn]") {
  Log log;
  std::thread([&] {
    auto actor = spawn<Scripted>(Script{
        .receive = [&](Message& m) { m.reply(m.as<int>() * 2); },
        .on_stop = [&](const ExitReason& r) { log.push_back(to_string(r)); }});
    log.push_back(std::to_string(actor.ask<int>(4).get()));
  }).join();

  CHECK(log == Log{"8", "stopped"});
}

TEST_CASE("spawn: a million actors at rest hold no stack", "[actors][spawn]") {
#if defined(GREENROOM_ASAN) || defined(GREENROOM_TSAN)
  constexpr int many = 20'000;
#else
  constexpr int many = 1'000'000;
#endif
  class Idle : public Actor {
   public:
    explicit Idle(int& count) : count_(count) {}

   private:
    void receive(Message&) override { ++count_; }
    int& count_;
  };
  int handled = 0;
  std::size_t mappings = 0;
  run_hub([&] {
    std::vector<ActorRef> refs;
    for (int i = 0; i < many; ++i) refs.push_back(spawn<Idle>(handled));
    idle();
    for (const ActorRef& ref : refs) ref.send(0);
    idle();
    mappings = Hub::current().stacks().mappings();
  });

  CHECK(handled == many);
  CHECK(mappings == 1);
}

}  // namespace
}  // namespace greenroom::test
