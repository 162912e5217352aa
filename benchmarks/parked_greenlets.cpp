// How much memory does a greenlet that waits take, and how many mappings do the
// stacks and their guards need? The kernel allows a process 65,530
// mappings unless told otherwise (vm.max_map_count).
//
// All wait for one event. Then it comes, and all finish.

#include "harness.hpp"

#include <greenroom/greenroom.hpp>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>

namespace {

using namespace greenroom;
using namespace greenroom::bench;

double mappings() {
  std::ifstream maps("/proc/self/maps");
  return static_cast<double>(
      std::count(std::istreambuf_iterator<char>(maps), {}, '\n'));
}

void measure_some(Round& round, std::size_t count, const std::string& name) {
  const Hub hub;
  Event event;
  std::size_t parked = 0;
  std::size_t finished = 0;
  sleep();  // the hub has what it needs

  const double before = resident_bytes();
  const double parking = nanoseconds_each(count, [&] {
    for (std::size_t i = 0; i < count; ++i)
      spawn([&] {
        ++parked;
        event.wait();
        ++finished;
      });
    sleep();  // all have parked
  });
  Round::check(parked == count && finished == 0, "all greenlets wait");
  const double each = (resident_bytes() - before) / static_cast<double>(count);
  const double maps = mappings();

  const double releasing = nanoseconds_each(count, [&] {
    event.set();
    wait();  // until nothing is left to do
  });
  Round::check(finished == count, "all greenlets finished");

  round.report(name + ": each", each / 1024, "KiB", at_most(4.4));
  round.report(name + ": mappings", maps, "", at_most(65'530));
  round.report(name + ": spawn and park", parking, "ns");
  round.report(name + ": wake and finish", releasing, "ns");
}

void measure(Round& round) {
  measure_some(round, round.pick(100'000, 1'000), "100,000");
  measure_some(round, round.pick(1'000'000, 10'000), "1,000,000");
}

}  // namespace

int main(int argc, char** argv) {
  return answer(argc, argv,
                {.text = "How much memory does a parked greenlet take?",
                 .runs = 3,
                 .in_new_processes = true},
                measure);
}
