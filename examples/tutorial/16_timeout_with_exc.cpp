// A limit for a block of code, which throws an exception of your own.
//
//   $ build/release/examples/tutorial/16_timeout_with_exc
//   TooLong raised TooLong() False

#include <greenroom/greenroom.hpp>

#include <exception>
#include <iostream>
#include <type_traits>

using namespace greenroom;
using namespace std::chrono_literals;

class TooLong : public std::exception {
 public:
  const char* what() const noexcept override { return "TooLong()"; }
};

int main() {
  try {
    const Timeout limit = Timeout::start_new<TooLong>(500ms);
    sleep(1s);
    std::cout << "not reached\n";
  } catch (const TooLong& e) {
    constexpr bool is_timeout = std::is_base_of_v<TimeoutError, TooLong>;
    std::cout << "TooLong raised " << e.what() << ' '
              << (is_timeout ? "True" : "False") << '\n';
  }
}
