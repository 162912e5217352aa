// What does a wait for time cost: a sleep, among a million other sleepers; and
// a Timeout that is started and cancelled, as most are?
//
// The sleepers run on a virtual clock, which jumps to the next deadline.

#include "harness.hpp"

#include <greenroom/greenroom.hpp>

#include <chrono>
#include <deque>
#include <random>

namespace {

using namespace greenroom;
using namespace greenroom::bench;
using namespace std::chrono_literals;

double sleeper(std::size_t sleepers) {
  VirtualClock clock;
  HubOptions options;
  options.clock = &clock;
  Hub hub(options);
  std::mt19937_64 random(1);
  std::uniform_int_distribution<Duration::rep> nanoseconds(
      1, Duration(1h).count());
  const TimePoint start = hub.now();
  TimePoint last = start;
  std::size_t in_time = 0;

  const double cost = nanoseconds_each(sleepers, [&] {
    for (std::size_t i = 0; i < sleepers; ++i)
      spawn([&, duration = Duration(nanoseconds(random))] {
        sleep(duration);
        const TimePoint now = hub.now();
        if (now == start + duration && now >= last) ++in_time;
        last = now;
      });
    wait();  // until nothing is left to do
  });
  Round::check(in_time == sleepers, "each sleeper woke at its time");
  return cost;
}

double timeout(std::size_t times, std::size_t others) {
  const Hub hub;
  std::mt19937_64 random(1);
  std::uniform_int_distribution<Duration::rep> seconds(3'600, 36'000);
  std::deque<Timeout> pending;
  for (std::size_t i = 0; i < others; ++i)
    pending.emplace_back(std::chrono::seconds(seconds(random))).start();

  Timeout mine(5h);
  const double cost = nanoseconds_each(times, [&] {
    for (std::size_t i = 0; i < times; ++i) {
      mine.start();
      mine.cancel();
    }
  });
  for (const Timeout& other : pending)
    Round::check(other.pending(), "the other Timeouts still run");
  return cost;
}

void measure(Round& round) {
  const std::size_t sleepers = round.pick(1'000'000, 10'000);
  const std::size_t times = round.pick(5'000'000, 50'000);
  const std::size_t others = round.pick(100'000, 1'000);
  round.report("sleeper, one of 1,000,000", sleeper(sleepers), "ns");
  round.report("Timeout, start and cancel", timeout(times, 0), "ns",
               at_most(40));
  round.report("the same, 100,000 others pending", timeout(times, others),
               "ns");
}

}  // namespace

int main(int argc, char** argv) {
  return answer(argc, argv,
                {.text = "What does waiting for time cost?", .runs = 3},
                measure);
}
