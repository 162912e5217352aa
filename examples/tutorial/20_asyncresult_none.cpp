// An AsyncResult without a value: somebody waits until something has happened.
//
//   $ build/release/examples/tutorial/20_asyncresult_none
//   I live!

#include <greenroom/greenroom.hpp>

#include <iostream>

using namespace greenroom;
using namespace std::chrono_literals;

int main() {
  AsyncResult<> result;
  const auto setter = spawn([&] {
    sleep(3s);
    result.set();
  });
  const auto waiter = spawn([&] {
    result.get();
    std::cout << "I live!\n";
  });
  joinall({setter, waiter});
}
