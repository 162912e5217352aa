// What does a Pool cost for each item of a map, over a long range of trivial
// calls? With a hundred places, and with one.

#include "harness.hpp"

#include <greenroom/greenroom.hpp>

#include <numeric>
#include <vector>

namespace {

using namespace greenroom;
using namespace greenroom::bench;

std::vector<std::size_t> count_up(std::size_t items) {
  std::vector<std::size_t> numbers(items);
  std::iota(numbers.begin(), numbers.end(), std::size_t{0});
  return numbers;
}

double map(std::size_t size, std::size_t items) {
  const Hub hub;
  Pool pool(size);
  std::size_t sum = 0;
  const double cost = nanoseconds_each(items, [&] {
    for (std::size_t result :
         pool.map([](std::size_t i) { return i + 1; }, count_up(items)))
      sum += result;
  });
  Round::check(sum == items * (items + 1) / 2, "each item was mapped once");
  return cost;
}

double imap_unordered(std::size_t size, std::size_t items) {
  const Hub hub;
  Pool pool(size);
  std::size_t sum = 0;
  const double cost = nanoseconds_each(items, [&] {
    for (std::size_t result : pool.imap_unordered(
             [](std::size_t i) { return i + 1; }, count_up(items)))
      sum += result;
  });
  Round::check(sum == items * (items + 1) / 2, "each item was mapped once");
  return cost;
}

double spawn_and_join(std::size_t size, std::size_t items) {
  const Hub hub;
  Pool pool(size);
  std::size_t ran = 0;
  const double cost = nanoseconds_each(items, [&] {
    for (std::size_t i = 0; i < items; ++i) pool.spawn([&] { ++ran; });
    pool.join();
  });
  Round::check(ran == items, "each call was made once");
  return cost;
}

void measure(Round& round) {
  const std::size_t count = round.pick(1'000'000, 20'000);
  round.report("map, 100 members", map(100, count), "ns", at_most(200));
  round.report("map, 1 member", map(1, count), "ns");
  round.report("imap_unordered, 100 members", imap_unordered(100, count), "ns");
  round.report("spawn, 100 members", spawn_and_join(100, count), "ns");
}

}  // namespace

int main(int argc, char** argv) {
  return answer(argc, argv, {"What does a Pool cost for each item of a map?"},
                measure);
}
