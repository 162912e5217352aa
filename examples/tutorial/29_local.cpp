// A Local has a value of its own in each greenlet.
//
//   $ build/release/examples/tutorial/29_local
//   1
//   2
//   x is not local to f2

#include <greenroom/greenroom.hpp>

#include <iostream>
#include <optional>

using namespace greenroom;

struct Stash {
  std::optional<int> x;
  std::optional<int> y;
};

Local<Stash> stash;

void f1() {
  stash->x = 1;
  std::cout << *stash->x << '\n';
}

void f2() {
  stash->y = 2;
  std::cout << *stash->y << '\n';
  if (!stash->x) std::cout << "x is not local to f2\n";
}

int main() { joinall({spawn(f1), spawn(f2)}); }
