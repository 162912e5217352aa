// A Group collects greenlets, and waits for all that are in it.
//
//   $ build/release/examples/tutorial/24_group_add
//   bar
//   bar
//   bar
//   foo
//   ...
//   fizz

#include <greenroom/greenroom.hpp>

#include <iostream>

using namespace greenroom;

void talk(const char* message) {
  for (int i = 0; i < 3; ++i) std::cout << message << '\n';
}

int main() {
  const auto g1 = spawn(talk, "bar");
  const auto g2 = spawn(talk, "foo");
  const auto g3 = spawn(talk, "fizz");

  Group group;
  group.add(g1);
  group.add(g2);
  group.join();

  group.add(g3);
  group.join();
}
