// What does it cost to ask an actor of the same hub and wait for the answer?
// From a greenlet, and from the handler of another actor, which parks there.

#include "harness.hpp"

#include <greenroom/greenroom.hpp>

namespace {

using namespace greenroom;
using namespace greenroom::bench;

struct Next {};

class Counter : public TypedActor<Counter, Next> {
 public:
  std::size_t on(Next) { return ++count_; }

 private:
  std::size_t count_ = 0;
};

// The answers are 1, 2, 3, ...
void ask_again_and_again(Ref<Counter> counter, std::size_t times) {
  std::size_t sum = 0;
  for (std::size_t i = 0; i < times; ++i) sum += counter.ask(Next{}).get();
  Round::check(sum == times * (times + 1) / 2, "each answer was the next");
}

double from_greenlet(std::size_t times) {
  const Hub hub;
  const auto counter = spawn<Counter>();
  return nanoseconds_each(
      times, [&] { spawn(ask_again_and_again, counter, times)->get(); });
}

struct Start {
  std::size_t times;
};

class Asker : public TypedActor<Asker, Start> {
 public:
  explicit Asker(Ref<Counter> counter) : counter_(counter) {}
  void on(Start start) { ask_again_and_again(counter_, start.times); }

 private:
  Ref<Counter> counter_;
};

double from_actor(std::size_t times) {
  const Hub hub;
  const auto asker = spawn<Asker>(spawn<Counter>());
  return nanoseconds_each(times, [&] { asker.ask(Start{times}).get(); });
}

void measure(Round& round) {
  const std::size_t count = round.pick(5'000'000, 50'000);
  round.report("ask from a greenlet", from_greenlet(count), "ns", at_most(40));
  round.report("ask from an actor", from_actor(count), "ns", at_most(40));
}

}  // namespace

int main(int argc, char** argv) {
  return answer(argc, argv,
                {"What does it cost to ask an actor of the same hub?"},
                measure);
}
