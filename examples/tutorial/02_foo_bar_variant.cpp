// The same with lambdas: whatever can be called can be spawned.
//
//   $ build/release/examples/tutorial/02_foo_bar_variant
//   Running in foo
//   Explicit context to bar
//   Explicit context switch to foo again
//   Implicit switch back to bar

#include <greenroom/greenroom.hpp>

#include <iostream>

using namespace greenroom;

int main() {
  const auto foo = spawn([] {
    std::cout << "Running in foo\n";
    sleep();
    std::cout << "Explicit context switch to foo again\n";
  });
  const auto bar = spawn([] {
    std::cout << "Explicit context to bar\n";
    sleep();
    std::cout << "Implicit switch back to bar\n";
  });
  joinall({foo, bar});
}
