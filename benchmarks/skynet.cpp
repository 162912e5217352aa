// What does it cost to make a million actors, get an answer from each, and end
// it? Each actor makes ten more until there are a million leaves. Each leaf
// sends its number, and every actor sends its parent the sum (atemerev/skynet).

#include "harness.hpp"

#include <greenroom/greenroom.hpp>

namespace {

using namespace greenroom;
using namespace greenroom::bench;

constexpr std::size_t kChildren = 10;

struct Sum {
  std::size_t value;
};

class Node : public TypedActor<Node, Sum> {
 public:
  Node(ActorRef parent, std::size_t first, std::size_t leaves)
      : parent_(parent), first_(first), leaves_(leaves) {}

  void on(Sum sum) {
    sum_ += sum.value;
    if (--awaited_ == 0) finish_with(sum_);
  }

 private:
  void on_start() override {
    if (leaves_ == 1) return finish_with(first_);
    const std::size_t share = leaves_ / kChildren;
    for (std::size_t i = 0; i < kChildren; ++i)
      spawn<Node>(self(), first_ + i * share, share);
  }

  void finish_with(std::size_t sum) {
    parent_.send(Sum{sum});
    stop();
  }

  ActorRef parent_;
  std::size_t first_;
  std::size_t leaves_;
  std::size_t sum_ = 0;
  std::size_t awaited_ = kChildren;
};

class Listener : public TypedActor<Listener, Sum> {
 public:
  Listener(std::size_t& result, Event& over) : result_(result), over_(over) {}
  void on(Sum sum) {
    result_ = sum.value;
    over_.set();
  }

 private:
  std::size_t& result_;
  Event& over_;
};

void measure(Round& round) {
  const std::size_t leaves = round.pick(1'000'000, 10'000);
  const std::size_t actors = (leaves * kChildren - 1) / (kChildren - 1);
  const Hub hub;
  Event over;
  std::size_t result = 0;
  const auto listener = spawn<Listener>(result, over);
  sleep();  // it has started
  const double before = resident_bytes();

  const double cost = nanoseconds_each(actors, [&] {
    spawn<Node>(listener, std::size_t{0}, leaves);
    over.wait();
  });
  Round::check(result == leaves * (leaves - 1) / 2, "the sum is right");

  round.report("each of 1,111,111 actors", cost, "ns", at_most(100));
  round.report("altogether", cost * static_cast<double>(actors) / 1e6, "ms");
  round.report("memory at most", (most_resident_bytes() - before) / 1048576,
               "MiB");
}

}  // namespace

int main(int argc, char** argv) {
  return answer(argc, argv,
                {.text = "What does it cost to make a million actors and hear "
                         "from each?",
                 .in_new_processes = true},
                measure);
}
