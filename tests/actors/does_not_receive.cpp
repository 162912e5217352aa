// Does not compile: it sends the Counter a type that it does not receive. The
// compiler has to say so; see does_not_receive.cmake.

#include <greenroom/actors/spawn.hpp>
#include <greenroom/actors/typed_actor.hpp>

struct Add {
  int amount;
};
struct Start {};

class Counter : public greenroom::TypedActor<Counter, Add> {
 public:
  void on(Add) {}
};

int main() {
  auto counter = greenroom::spawn<Counter>();
  counter.send(Add{1});
#if defined(SEND)
  counter.send(Start{});
#elif defined(ASK)
  counter.ask(Start{}).get();
#endif
}
