// How much memory does an actor that waits for messages take? A million of them
// are made; then each is asked once, to see that all are there.

#include "harness.hpp"

#include <greenroom/greenroom.hpp>

#include <vector>

namespace {

using namespace greenroom;
using namespace greenroom::bench;

struct Number {};

class Idler : public TypedActor<Idler, Number> {
 public:
  explicit Idler(std::size_t number) : number_(number) {}
  std::size_t on(Number) const { return number_; }

 private:
  std::size_t number_;
};

void measure(Round& round) {
  const std::size_t count = round.pick(1'000'000, 10'000);
  const Hub hub;
  sleep();                                // the hub has what it needs,
  std::vector<Ref<Idler>> actors(count);  // and the addresses are not counted

  const double before = resident_bytes();
  const double making = nanoseconds_each(count, [&] {
    for (std::size_t i = 0; i < count; ++i) actors[i] = spawn<Idler>(i);
    sleep();  // all have started
  });
  const double bytes = resident_bytes() - before;

  std::size_t sum = 0;
  const double asking = nanoseconds_each(count, [&] {
    for (const auto& actor : actors) sum += actor.ask(Number{}).get();
  });
  Round::check(sum == count * (count - 1) / 2, "each actor answered");

  round.report("idle actor", bytes / static_cast<double>(count), "bytes",
               at_most(200));
  round.report("spawn and start", making, "ns");
  round.report("ask each", asking, "ns");
}

}  // namespace

int main(int argc, char** argv) {
  return answer(argc, argv,
                {.text = "How much memory does an idle actor take?",
                 .runs = 3,
                 .in_new_processes = true},
                measure);
}
