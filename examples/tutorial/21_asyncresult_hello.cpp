// An AsyncResult carries a value to whoever waits for it.
//
//   $ build/release/examples/tutorial/21_asyncresult_hello
//   Hello!

#include <greenroom/greenroom.hpp>

#include <iostream>
#include <string>

using namespace greenroom;
using namespace std::chrono_literals;

int main() {
  AsyncResult<std::string> result;
  const auto setter = spawn([&] {
    sleep(3s);
    result.set("Hello!");
  });
  const auto waiter = spawn([&] { std::cout << result.get() << '\n'; });
  joinall({setter, waiter});
}
