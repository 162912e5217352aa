// Whose time is up? An error knows its Timeout.
//
//   $ build/release/examples/tutorial/15_timeout_shorter
//   Could not complete
//   True 0.5 seconds False

#include <greenroom/greenroom.hpp>

#include <iostream>

using namespace greenroom;
using namespace std::chrono_literals;

const char* text(bool yes) { return yes ? "True" : "False"; }

int main() {
  Timeout timeout(500ms);
  timeout.start();

  try {
    spawn([] { sleep(1s); })->join();
    std::cout << "completed\n";
  } catch (const TimeoutError& e) {
    std::cout << "Could not complete\n"
              << text(e.is(timeout)) << ' ' << e.what() << ' '
              << text(timeout.pending()) << '\n';
  }
}
