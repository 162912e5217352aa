// A limit and a wait of the same length: the limit was started first, and wins.
//
//   $ build/release/examples/tutorial/14_timeout_equal
//   Could not complete

#include <greenroom/greenroom.hpp>

#include <iostream>

using namespace greenroom;
using namespace std::chrono_literals;

int main() {
  Timeout timeout(1s);
  timeout.start();

  try {
    spawn([] { sleep(1s); })->join();
    std::cout << "completed\n";
  } catch (const TimeoutError&) {
    std::cout << "Could not complete\n";
  }
}
