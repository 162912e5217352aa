// What does a message between two actors of one hub cost, and how many fiber
// switches is that?
//
// The two players send one ball back and forth. The yardstick is measured in
// the same round: actors on fibers would need at least one switch a message.

#include "harness.hpp"
#include "yardstick.hpp"

#include <greenroom/greenroom.hpp>

namespace {

using namespace greenroom;
using namespace greenroom::bench;

struct Meet {
  ActorRef peer;
};
struct Ball {
  std::size_t hits_left;
};
struct Hits {};

class Player : public Actor {
 public:
  explicit Player(Event& over) : over_(over) {}

 private:
  void receive(Message& message) override {
    message.match([this](Ball ball) { hit(ball); },
                  [this](Meet meet) { peer_ = meet.peer; },
                  [this](Hits) { return hits_; });
  }

  void hit(Ball ball) {
    ++hits_;
    if (ball.hits_left == 1)
      over_.set();
    else
      peer_.send(Ball{ball.hits_left - 1});
  }

  Event& over_;
  ActorRef peer_;
  std::size_t hits_ = 0;
};

class TypedPlayer : public TypedActor<TypedPlayer, Ball, Meet, Hits> {
 public:
  explicit TypedPlayer(Event& over) : over_(over) {}

  void on(Meet meet) { peer_ = Ref<TypedPlayer>(meet.peer); }
  void on(Ball ball) {
    ++hits_;
    if (ball.hits_left == 1)
      over_.set();
    else
      peer_.send(Ball{ball.hits_left - 1});
  }
  std::size_t on(Hits) const { return hits_; }

 private:
  Event& over_;
  Ref<TypedPlayer> peer_;
  std::size_t hits_ = 0;
};

template <class P>
double message(std::size_t hits) {
  const Hub hub;
  Event over;
  const ActorRef ping = spawn<P>(over);
  const ActorRef pong = spawn<P>(over);
  ping.send(Meet{pong});
  pong.send(Meet{ping});
  sleep();  // they have met

  const double cost = nanoseconds_each(hits, [&] {
    ping.send(Ball{hits});
    over.wait();
  });
  const std::size_t counted =
      ping.ask<std::size_t>(Hits{}).get() + pong.ask<std::size_t>(Hits{}).get();
  Round::check(counted == hits, "each message was handled once");
  return cost;
}

void measure(Round& round) {
  const std::size_t count = round.pick(10'000'000, 100'000);
  const double yardstick = fiber_switch(count);
  const double untyped = message<Player>(count);
  const double typed = message<TypedPlayer>(count);

  round.report("fiber switch", yardstick, "ns");
  round.report("message, Actor", untyped, "ns");
  round.report("message, TypedActor", typed, "ns");
  round.report("messages, Actor", 1e3 / untyped, "M/s", at_least(80));
  round.report("messages, TypedActor", 1e3 / typed, "M/s", at_least(80));
  round.report("message : fiber switch, Actor", untyped / yardstick, "",
               at_most(3));
  round.report("message : fiber switch, TypedActor", typed / yardstick, "",
               at_most(3));
}

}  // namespace

int main(int argc, char** argv) {
  return answer(argc, argv,
                {"What does a message between two actors of one hub cost?"},
                measure);
}
