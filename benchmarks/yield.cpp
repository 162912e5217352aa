// What does it cost to give way: sleep() without a time, from one greenlet to
// the next? Also when both compute with doubles in between, which sets sticky
// flags of the floating-point unit; they must not make the switch slower.

#include "harness.hpp"

#include <greenroom/greenroom.hpp>

#include <cmath>
#include <vector>

namespace {

using namespace greenroom;
using namespace greenroom::bench;

std::size_t give_way(std::size_t times) {
  for (std::size_t i = 0; i < times; ++i) sleep();
  return times;
}

// Approaches 1.5 by inexact divisions.
std::size_t compute_and_give_way(std::size_t times) {
  double value = 1;
  for (std::size_t i = 0; i < times; ++i) {
    value = value / 3 + 1;
    sleep();
  }
  Round::check(std::abs(value - 1.5) < 1e-9, "the doubles were left in peace");
  return times;
}

template <class Work>
double yield(std::size_t greenlets, std::size_t yields, Work work) {
  const Hub hub;
  const std::size_t times = yields / greenlets;
  std::vector<GreenletPtrOf<std::size_t>> all;
  for (std::size_t i = 0; i < greenlets; ++i) all.push_back(spawn(work, times));

  const double cost =
      nanoseconds_each(times * greenlets, [&] { joinall(all); });
  std::size_t done = 0;
  for (const auto& greenlet : all) done += *greenlet->value();
  Round::check(done == times * greenlets, "each greenlet had all its turns");
  return cost;
}

void measure(Round& round) {
  const std::size_t count = round.pick(10'000'000, 100'000);
  round.report("2 greenlets", yield(2, count, give_way), "ns", at_most(8));
  round.report("2 greenlets that divide", yield(2, count, compute_and_give_way),
               "ns");
  round.report("1000 greenlets", yield(1000, count, give_way), "ns");
}

}  // namespace

int main(int argc, char** argv) {
  return answer(argc, argv, {"What does it cost to give way?"}, measure);
}
