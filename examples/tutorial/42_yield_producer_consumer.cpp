// A producer and two consumers: each consumer stops at its yield until it is
// sent something.
//
//   $ build/release/examples/tutorial/42_yield_producer_consumer
//   --->starting eating baozi...
//   --->starting eating baozi...
//   [c1] is eating baozi 1
//   [c2] is eating baozi 1
//   [producer] is making baozi 1
//   ...

#include <greenroom/greenroom.hpp>

#include <iostream>
#include <string>

using namespace greenroom;

// Yields nothing, and is sent an int.
using Consumer = Generator<void, int>;

Consumer consumer(const std::string& name) {
  return Consumer([name](auto& yield) {
    std::cout << "--->starting eating baozi...\n";
    while (true) {
      const int baozi = yield();
      std::cout << '[' << name << "] is eating baozi " << baozi << '\n';
    }
  });
}

void producer(Consumer& first, Consumer& second) {
  first.next();
  second.next();
  for (int n = 1; n <= 5; ++n) {
    first.send(n);
    second.send(n);
    std::cout << "\033[32;1m[producer]\033[0m is making baozi " << n << '\n';
  }
}

int main() {
  Consumer first = consumer("c1");
  Consumer second = consumer("c2");
  producer(first, second);
}
