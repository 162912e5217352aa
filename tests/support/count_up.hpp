// The numbers from 0 up to `end`, without `end` itself.
#pragma once

#include <cstddef>
#include <numeric>
#include <vector>

namespace greenroom::test {

inline std::vector<int> count_up(int end) {
  std::vector<int> numbers(static_cast<std::size_t>(end));
  std::iota(numbers.begin(), numbers.end(), 0);
  return numbers;
}

}  // namespace greenroom::test
