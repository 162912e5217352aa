// What does it cost to hand an item from one greenlet to another through a
// queue? With room for one, each item also takes two switches; without a bound,
// the greenlets take turns, and put or get many at a time.

#include "harness.hpp"

#include <greenroom/greenroom.hpp>

#include <vector>

namespace {

using namespace greenroom;
using namespace greenroom::bench;

// The items are 0, 1, 2, ...
template <class Source>
std::size_t get_all(Source& source, std::size_t count) {
  std::size_t sum = 0;
  for (std::size_t i = 0; i < count; ++i) sum += source.get();
  return sum;
}

template <class Source>
double hand_over(Source& source, std::size_t items) {
  const auto getter = spawn([&] { return get_all(source, items); });
  const auto putter = spawn([&] {
    for (std::size_t i = 0; i < items; ++i) source.put(i);
  });
  const double cost = nanoseconds_each(items, [&] {
    joinall({getter, putter});
  });
  Round::check(*getter->value() == items * (items - 1) / 2,
               "each item arrived once");
  return cost;
}

double through_queue(std::size_t maxsize, std::size_t items) {
  const Hub hub;
  Queue<std::size_t> queue(maxsize);
  return hand_over(queue, items);
}

double through_channel(std::size_t items) {
  const Hub hub;
  Channel<std::size_t> channel;
  return hand_over(channel, items);
}

// Nobody waits: only the queue itself is measured.
double without_waiting(std::size_t items) {
  const Hub hub;
  Queue<std::size_t> queue;
  std::size_t sum = 0;
  const double cost = nanoseconds_each(items, [&] {
    for (std::size_t i = 0; i < items; ++i) {
      queue.put(i);
      sum += queue.get();
    }
  });
  Round::check(sum == items * (items - 1) / 2, "each item arrived once");
  return cost;
}

void measure(Round& round) {
  const std::size_t count = round.pick(10'000'000, 100'000);
  round.report("put and get, nobody waits", without_waiting(count), "ns");
  round.report("room for 1", through_queue(1, count), "ns", at_most(40));
  round.report("room for 100", through_queue(100, count), "ns", at_most(40));
  round.report("Channel", through_channel(count), "ns");
}

}  // namespace

int main(int argc, char** argv) {
  return answer(argc, argv,
                {"What does it cost to hand an item from one greenlet to "
                 "another?"},
                measure);
}
