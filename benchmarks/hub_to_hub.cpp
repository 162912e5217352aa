// What do messages between two hubs cost: how many pass in a second one way,
// how long does it take to ask, and what do two idle hubs cost?

#include "harness.hpp"

#include <greenroom/greenroom.hpp>

#include <sys/resource.h>

#include <algorithm>
#include <deque>
#include <utility>
#include <vector>

namespace {

using namespace greenroom;
using namespace greenroom::bench;

struct Item {
  std::size_t value;
};
struct Sum {};

class Sink : public TypedActor<Sink, Item, Sum> {
 public:
  void on(Item item) { sum_ += item.value; }
  std::size_t on(Sum) const { return sum_; }

 private:
  std::size_t sum_ = 0;
};

// Runs on one hub; the sink is on the other. Asks for the sum after every
// 10,000 items, and goes on while at most four answers are missing, so that the
// sink's inbox does not grow without end.
double stream(Ref<Sink> sink, std::size_t items) {
  constexpr std::size_t kBurst = 10'000;
  std::deque<Reply<std::size_t>> awaited;
  std::size_t sum = 0;
  const double cost = nanoseconds_each(items, [&] {
    for (std::size_t i = 0; i < items; ++i) {
      sink.send(Item{i});
      if ((i + 1) % kBurst != 0) continue;
      awaited.push_back(sink.ask(Sum{}));
      if (awaited.size() < 4) continue;
      sum = awaited.front().get();
      awaited.pop_front();
    }
    for (auto& reply : awaited) sum = reply.get();
  });
  Round::check(sum == items * (items - 1) / 2, "each message arrived once");
  return cost;
}

// Microseconds: the median, and the value that 1 in 100 exceeds.
std::pair<double, double> round_trips(Ref<Sink> sink, std::size_t times) {
  std::vector<double> costs(times);
  for (double& cost : costs)
    cost = nanoseconds_each(1, [&] { sink.ask(Sum{}).get(); }) / 1e3;
  std::sort(costs.begin(), costs.end());
  return {costs[times / 2], costs[times - times / 100 - 1]};
}

double processor_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) +
           static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

void measure(Round& round) {
  const std::size_t items = round.pick(10'000'000, 100'000);
  const std::size_t asks = round.pick(100'000, 1'000);
  const std::chrono::milliseconds idle(round.pick(1'000, 100));
  const Hub hub;
  ActorSystem system(ActorSystemOptions{.hubs = 2});
  const auto sink = system.spawn_on<Sink>(1);

  const double item = system.run_on(0, [=] { return stream(sink, items); });
  const auto [half, most] =
      system.run_on(0, [=] { return round_trips(sink, asks); });

  const double before = processor_seconds();
  sleep(idle);
  const double busy = (processor_seconds() - before) /
                      std::chrono::duration<double>(idle).count();

  round.report("messages one way", 1e3 / item, "M/s", at_least(15));
  round.report("ask and answer, median", half, "us");
  round.report("ask and answer, 99 of 100", most, "us");
  round.report("processor time while idle", 100 * busy, "%", at_most(0.1));
}

}  // namespace

int main(int argc, char** argv) {
  return answer(argc, argv, {"What do messages between two hubs cost?"},
                measure);
}
