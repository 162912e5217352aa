// Three greenlets that wait for different times: the program takes as long as
// the longest of them.
//
//   $ build/release/examples/tutorial/06_func123
//   func1 running
//   func2 running
//   func3 running
//   func3 done..
//   switch func2
//   switch func1

#include <greenroom/greenroom.hpp>

#include <iostream>

using namespace greenroom;
using namespace std::chrono_literals;

void func1() {
  std::cout << "func1 running\n";
  sleep(2s);  // stands for I/O
  std::cout << "switch func1\n";
}

void func2() {
  std::cout << "func2 running\n";
  sleep(1s);
  std::cout << "switch func2\n";
}

void func3() {
  std::cout << "func3 running\n";
  sleep(500ms);
  std::cout << "func3 done..\n";
}

int main() { joinall({spawn(func1), spawn(func2), spawn(func3)}); }
