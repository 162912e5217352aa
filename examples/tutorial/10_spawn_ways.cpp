// Ways to spawn: a function with its arguments, later, a lambda. The result is
// in the handle.
//
//   $ build/release/examples/tutorial/10_spawn_ways
//   Hello
//   I live!
//   [None, None, 3]

#include <greenroom/greenroom.hpp>

#include <iostream>
#include <string>

using namespace greenroom;
using namespace std::chrono_literals;

void say(const std::string& message, Duration after) {
  sleep(after);
  std::cout << message << '\n';
}

int main() {
  const auto hello = spawn(say, "Hello", 1s);
  const auto alive = spawn_later(1s, say, "I live!", 1s);
  const auto three = spawn([](int x) { return x + 1; }, 2);

  joinall({hello, alive, three});
  std::cout << "[None, None, " << *three->value() << "]\n";
}
