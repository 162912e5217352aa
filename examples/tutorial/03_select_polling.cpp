// Two greenlets poll, a third one works meanwhile.
//
//   $ build/release/examples/tutorial/03_select_polling
//   Started Polling: at 0.0 seconds
//   Started Polling: at 0.0 seconds
//   Hey lets do some stuff while the greenlets poll, at 0.0 seconds
//   Ended Polling: at 2.0 seconds
//   Ended Polling: at 2.0 seconds

#include <greenroom/greenroom.hpp>

#include <iomanip>
#include <iostream>
#include <sstream>
#include <string>

using namespace greenroom;
using namespace std::chrono_literals;

std::string tic() {
  static const TimePoint start = Hub::current().now();
  const std::chrono::duration<double> passed = Hub::current().now() - start;
  std::ostringstream text;
  text << "at " << std::fixed << std::setprecision(1) << passed.count()
       << " seconds";
  return text.str();
}

// Waits for descriptors, of which there are none, for two seconds.
void poll() {
  std::cout << "Started Polling: " << tic() << '\n';
  static_cast<void>(net::select({}, {}, 2s));
  std::cout << "Ended Polling: " << tic() << '\n';
}

void work() {
  std::cout << "Hey lets do some stuff while the greenlets poll, " << tic()
            << '\n';
  sleep(1s);
}

int main() { joinall({spawn(poll), spawn(poll), spawn(work)}); }
