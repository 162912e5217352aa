// Three ways to limit a wait: a Timeout around it, its own argument, and
// with_timeout() for a whole function call.
//
//   $ build/release/examples/tutorial/17_timeout_three_ways
//   Thread 1 timed out
//   Thread 2 timed out
//   Thread 3 timed out

#include <greenroom/greenroom.hpp>

#include <iostream>

using namespace greenroom;
using namespace std::chrono_literals;

void wait_long() { sleep(2s); }

int main() {
  try {
    const Timeout timer = Timeout::start_new(1s);
    spawn(wait_long)->join();
  } catch (const TimeoutError&) {
    std::cout << "Thread 1 timed out\n";
  }

  try {
    spawn(wait_long)->get(1s);
  } catch (const TimeoutError&) {
    std::cout << "Thread 2 timed out\n";
  }

  try {
    with_timeout(1s, wait_long);
  } catch (const TimeoutError&) {
    std::cout << "Thread 3 timed out\n";
  }
}
