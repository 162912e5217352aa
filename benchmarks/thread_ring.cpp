// What does a message cost when its receiver is not in the cache? 503 actors
// stand in a ring and pass a token on (the Computer Language Benchmarks Game's
// thread-ring).

#include "harness.hpp"

#include <greenroom/greenroom.hpp>

#include <vector>

namespace {

using namespace greenroom;
using namespace greenroom::bench;

constexpr std::size_t kActors = 503;

struct Next {
  ActorRef actor;
};
struct Token {
  std::size_t hops_left;
};

class Link : public TypedActor<Link, Next, Token> {
 public:
  Link(std::size_t number, std::size_t& last, Event& over)
      : number_(number), last_(last), over_(over) {}

  void on(Next next) { next_ = Ref<Link>(next.actor); }
  void on(Token token) {
    if (token.hops_left == 0) {
      last_ = number_;
      over_.set();
    } else {
      next_.send(Token{token.hops_left - 1});
    }
  }

 private:
  std::size_t number_;
  std::size_t& last_;
  Event& over_;
  Ref<Link> next_;
};

double hop(std::size_t hops) {
  const Hub hub;
  Event over;
  std::size_t last = 0;
  std::vector<Ref<Link>> ring;
  for (std::size_t i = 1; i <= kActors; ++i)
    ring.push_back(spawn<Link>(i, last, over));
  for (std::size_t i = 0; i < kActors; ++i)
    ring[i].send(Next{ring[(i + 1) % kActors]});
  sleep();  // the ring is closed

  const double cost = nanoseconds_each(hops, [&] {
    ring[0].send(Token{hops});
    over.wait();
  });
  Round::check(last == hops % kActors + 1,
               "the right actor got the token last");
  return cost;
}

void measure(Round& round) {
  round.report("hop", hop(round.pick(10'000'000, 100'000)), "ns", at_most(15));
}

}  // namespace

int main(int argc, char** argv) {
  return answer(argc, argv, {"What does a hop in a ring of 503 actors cost?"},
                measure);
}
