// The same with greenlets that wait instead of blocking.
//
//   $ build/release/examples/tutorial/09b_determinism_cooperative
//   True
//   [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]

#include <greenroom/greenroom.hpp>

#include <iostream>
#include <utility>
#include <vector>

using namespace greenroom;
using namespace std::chrono_literals;

const std::vector numbers{0, 1, 2, 3, 4, 5, 6, 7, 8, 9};

int echo(int i) {
  sleep(1ms);
  return i;
}

std::vector<int> run(Pool& pool) {
  std::vector<int> results;
  for (int result : pool.imap_unordered(echo, numbers))
    results.push_back(result);
  return results;
}

int main() {
  Pool pool(10);
  const auto run1 = run(pool);
  const bool is_same = run1 == run(pool) && run1 == run(pool);
  std::cout << (is_same ? "True" : "False") << '\n';

  const char* separator = "[";
  for (int result : run1) std::cout << std::exchange(separator, ", ") << result;
  std::cout << "]\n";
}
