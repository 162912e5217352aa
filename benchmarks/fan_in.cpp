// What does a message cost when many send to one? 20 actors send bursts of 50
// messages to the same actor, which after each burst tells its sender to go on.

#include "harness.hpp"

#include <greenroom/greenroom.hpp>

namespace {

using namespace greenroom;
using namespace greenroom::bench;

constexpr std::size_t kSenders = 20;
constexpr std::size_t kBurst = 50;

struct Item {
  std::size_t value;
};
struct GoOn {};
struct BurstEnd {
  ActorRef sender;
};

class Receiver : public TypedActor<Receiver, Item, BurstEnd> {
 public:
  Receiver(std::size_t bursts, std::size_t& sum, Event& over)
      : bursts_left_(bursts), sum_(sum), over_(over) {}

  void on(Item item) { sum_ += item.value; }
  void on(BurstEnd burst) {
    burst.sender.send(GoOn{});
    if (--bursts_left_ == 0) over_.set();
  }

 private:
  std::size_t bursts_left_;
  std::size_t& sum_;
  Event& over_;
};

class Sender : public TypedActor<Sender, GoOn> {
 public:
  Sender(Ref<Receiver> to, std::size_t bursts) : to_(to), left_(bursts) {}

  void on(GoOn) {
    if (left_-- == 0) return stop();
    for (std::size_t i = 1; i <= kBurst; ++i) to_.send(Item{i});
    to_.send(BurstEnd{self()});
  }

 private:
  Ref<Receiver> to_;
  std::size_t left_;
};

double message(std::size_t bursts_each) {
  const std::size_t bursts = kSenders * bursts_each;
  const Hub hub;
  Event over;
  std::size_t sum = 0;
  const auto receiver = spawn<Receiver>(bursts, sum, over);

  // The messages of a burst: its items, BurstEnd and GoOn.
  const double cost = nanoseconds_each(bursts * (kBurst + 2), [&] {
    for (std::size_t i = 0; i < kSenders; ++i)
      spawn<Sender>(receiver, bursts_each).send(GoOn{});
    over.wait();
  });
  Round::check(sum == bursts * (kBurst * (kBurst + 1) / 2),
               "each message was handled once");
  return cost;
}

void measure(Round& round) {
  round.report("message", message(round.pick(10'000, 100)), "ns", at_most(12));
}

}  // namespace

int main(int argc, char** argv) {
  return answer(argc, argv,
                {"What does a message cost when 20 actors send to one?"},
                measure);
}
