// A Pool limits, owns and supervises actors as it does greenlets.

#include "../support/catch2.hpp"
#include "../support/dies.hpp"
#include "../support/run_hub.hpp"

#include <greenroom/actors/actor.hpp>
#include <greenroom/actors/spawn.hpp>
#include <greenroom/actors/typed_actor.hpp>
#include <greenroom/runtime/tasks/pool.hpp>

#include <concepts>
#include <stdexcept>
#include <string>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;

struct Add {
  int amount;
};
struct Total {};
struct Stop {};
struct Fail {};

class Counter : public TypedActor<Counter, Add, Total, Stop, Fail> {
 public:
  explicit Counter(int start) : sum_(start) {}

  void on(Add message) { sum_ += message.amount; }
  [[nodiscard]] int on(Total) const { return sum_; }
  void on(Stop) { stop(); }
  void on(Fail) { throw std::runtime_error("failed"); }

 private:
  int sum_;
};

TEST_CASE("pool: spawn<A>() makes an actor that is a member",
          "[actors][pool]") {
  run_hub([] {
    Pool pool(2);
    const std::same_as<Ref<Counter>> auto counter = pool.spawn<Counter>(1);
    CHECK(pool.size() == 1);
    counter.send(Add{2});
    CHECK(counter.ask(Total{}).get() == 3);
    counter.send(Stop{});
    CHECK(pool.join(1s));
    CHECK(pool.free_count() == 2);
  });
}

TEST_CASE("pool: actors and greenlets share its places", "[actors][pool]") {
  std::vector<std::string> log;

  run_hub([&](TestHub& h) {
    Pool pool(2);
    const auto first = pool.spawn<Counter>(0);
    pool.spawn([] { sleep(1s); });
    CHECK(pool.full());
    const auto second = pool.spawn<Counter>(0);
    CHECK(h.elapsed() == 1s);
    const auto waits = spawn(
        [&] { pool.spawn([&] { log.emplace_back("when one has failed"); }); });
    sleep();
    CHECK(log.empty());
    first.send(Fail{});
    waits->join();
    second.send(Stop{});
    CHECK(pool.join(1s));
  });

  CHECK(log == std::vector<std::string>{"when one has failed"});
}

TEST_CASE("pool: kill ends its actors, parked or at rest", "[actors][pool]") {
  class Sleeper : public Actor {
   public:
    explicit Sleeper(std::vector<std::string>& log) : log_(log) {}

   private:
    void receive(Message&) override { sleep(100s); }
    void on_stop(const ExitReason&) override { log_.emplace_back("stopped"); }
    std::vector<std::string>& log_;
  };
  std::vector<std::string> log;

  run_hub([&](TestHub& h) {
    Pool pool(2);
    const Ref<Sleeper> parked = pool.spawn<Sleeper>(log);
    pool.spawn<Sleeper>(log);
    parked.send(1);
    sleep(1s);
    CHECK(pool.kill());
    CHECK(h.elapsed() == 1s);
    CHECK(pool.empty());
  });

  CHECK(log == std::vector<std::string>{"stopped", "stopped"});
}

TEST_CASE("group: spawn<A>() works as a Pool's does", "[actors][pool]") {
  run_hub([] {
    Group group;
    const Ref<Counter> counter = group.spawn<Counter>(4);
    CHECK(counter.ask(Total{}).get() == 4);
    CHECK(group.kill());
  });
}

TEST_CASE("pool: an actor's failure that nobody hears of names the actor",
          "[actors][pool]") {
  const Death end = death_of([] {
    run_hub([] {
      Pool pool(1);
      pool.spawn<Counter>(0).send(Fail{});
    });
  });

  CHECK_THAT(end.message, Contains("Counter(hub0/") &&
                              Contains("std::runtime_error: failed"));
}

}  // namespace
}  // namespace greenroom::test
