// Five greenlets wait for an Event that another one sets.
//
//   $ build/release/examples/tutorial/19_event
//   A: Hey wait for me, I have to do something
//   I'll wait for you
//   ...
//   Ok, I'm done
//   It's about time
//   ...

#include <greenroom/greenroom.hpp>

#include <iostream>

using namespace greenroom;
using namespace std::chrono_literals;

// Wakes all that wait, after three seconds.
void setter(Event& event) {
  std::cout << "A: Hey wait for me, I have to do something\n";
  sleep(3s);
  std::cout << "Ok, I'm done\n";
  event.set();
}

void waiter(Event& event) {
  std::cout << "I'll wait for you\n";
  event.wait();
  std::cout << "It's about time\n";
}

int main() {
  Event event;
  const auto wait = [&] { waiter(event); };
  joinall({spawn([&] { setter(event); }), spawn(wait), spawn(wait), spawn(wait),
           spawn(wait), spawn(wait)});
}
