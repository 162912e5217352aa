// What does a permit of a semaphore cost: acquire() and release() when nobody
// else wants it, and when another greenlet waits for each one?

#include "harness.hpp"

#include <greenroom/greenroom.hpp>

namespace {

using namespace greenroom;
using namespace greenroom::bench;

template <class Permit>
double uncontended(std::size_t times) {
  const Hub hub;
  Permit permit;
  const double cost = nanoseconds_each(times, [&] {
    for (std::size_t i = 0; i < times; ++i) {
      permit.acquire();
      permit.release();
    }
  });
  Round::check(!permit.locked(), "the permit is back");
  return cost;
}

// Two greenlets pass permits back and forth.
double handed_over(std::size_t times) {
  const Hub hub;
  Semaphore ping(0);
  Semaphore pong(0);
  const auto player = [times](Semaphore& mine, Semaphore& yours) {
    for (std::size_t i = 0; i < times; ++i) {
      mine.acquire();
      yours.release();
    }
  };
  const auto a = spawn([&] { player(ping, pong); });
  const auto b = spawn([&] { player(pong, ping); });
  ping.release();
  const double cost = nanoseconds_each(2 * times, [&] { joinall({a, b}); });
  Round::check(ping.counter() == 1 && pong.counter() == 0,
               "one permit is left, where it began");
  return cost;
}

void measure(Round& round) {
  const std::size_t count = round.pick(10'000'000, 100'000);
  round.report("acquire and release", uncontended<Semaphore>(count), "ns",
               at_most(5));
  round.report("the same, of a Lock", uncontended<Lock>(count), "ns");
  round.report("hand-over to one that waits", handed_over(count / 10), "ns");
}

}  // namespace

int main(int argc, char** argv) {
  return answer(argc, argv, {"What does a permit of a semaphore cost?"},
                measure);
}
