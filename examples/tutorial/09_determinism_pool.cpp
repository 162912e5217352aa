// Results in the order in which they come. From threads the order may change
// from run to run; from greenlets it is always the same, even if they block.
//
//   $ build/release/examples/tutorial/09_determinism_pool
//   False
//   True
//   [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]

#include <greenroom/greenroom.hpp>

#include <iostream>
#include <thread>
#include <vector>

using namespace greenroom;
using namespace std::chrono_literals;

const std::vector numbers{0, 1, 2, 3, 4, 5, 6, 7, 8, 9};

int echo(int i) {
  std::this_thread::sleep_for(1ms);
  return i;
}

template <class APool>
std::vector<int> run(APool& pool) {
  std::vector<int> results;
  for (int result : pool.imap_unordered(echo, numbers))
    results.push_back(result);
  return results;
}

const char* text(bool yes) { return yes ? "True" : "False"; }

int main() {
  ThreadPool threads(10);
  const auto first = run(threads);
  std::cout << text(first == run(threads) && first == run(threads) &&
                    first == run(threads))
            << '\n';

  Pool greenlets(10);
  const auto run1 = run(greenlets);
  std::cout << text(run1 == run(greenlets) && run1 == run(greenlets) &&
                    run1 == run(greenlets))
            << '\n';

  const char* separator = "[";
  for (int result : run1) std::cout << std::exchange(separator, ", ") << result;
  std::cout << "]\n";
}
