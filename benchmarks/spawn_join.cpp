// What does it cost to spawn a greenlet and wait for its end? One after the
// other, and 10,000 at a time.

#include "harness.hpp"

#include <greenroom/greenroom.hpp>

#include <vector>

namespace {

using namespace greenroom;
using namespace greenroom::bench;

double one_by_one(std::size_t greenlets) {
  const Hub hub;
  std::size_t ran = 0;
  const double cost = nanoseconds_each(greenlets, [&] {
    for (std::size_t i = 0; i < greenlets; ++i) spawn([&] { ++ran; })->join();
  });
  Round::check(ran == greenlets, "each greenlet ran once");
  return cost;
}

double many_at_a_time(std::size_t greenlets) {
  constexpr std::size_t kAtATime = 10'000;
  const Hub hub;
  std::size_t ran = 0;
  std::vector<GreenletPtr> batch(kAtATime);
  const double cost = nanoseconds_each(greenlets, [&] {
    for (std::size_t i = 0; i < greenlets; i += kAtATime) {
      for (GreenletPtr& greenlet : batch) greenlet = spawn([&] { ++ran; });
      joinall(batch);
    }
  });
  Round::check(ran == greenlets, "each greenlet ran once");
  return cost;
}

void measure(Round& round) {
  const std::size_t count = round.pick(5'000'000, 50'000);
  round.report("one by one", one_by_one(count), "ns", at_most(50));
  round.report("10,000 at a time", many_at_a_time(count), "ns", at_most(50));
}

}  // namespace

int main(int argc, char** argv) {
  return answer(argc, argv,
                {"What does it cost to spawn a greenlet and join it?"},
                measure);
}
