// Two greenlets that give way to each other.
//
//   $ build/release/examples/tutorial/01_foo_bar
//   Running in foo
//   Explicit context to bar
//   Explicit context switch to foo again
//   Implicit context switch back to bar

#include <greenroom/greenroom.hpp>

#include <iostream>

using namespace greenroom;

void foo() {
  std::cout << "Running in foo\n";
  sleep();
  std::cout << "Explicit context switch to foo again\n";
}

void bar() {
  std::cout << "Explicit context to bar\n";
  sleep();
  std::cout << "Implicit context switch back to bar\n";
}

int main() { joinall({spawn(foo), spawn(bar)}); }
