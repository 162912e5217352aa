// A Pool is a Group with a limit: here no more than two at a time.
//
//   $ build/release/examples/tutorial/26_pool_size
//   Size of pool 2
//   Size of pool 2
//   Size of pool 1

#include <greenroom/greenroom.hpp>

#include <iostream>
#include <vector>

using namespace greenroom;

int main() {
  Pool pool(2);
  pool.map([&](int) { std::cout << "Size of pool " << pool.size() << '\n'; },
           std::vector{0, 1, 2});
}
