// How many file descriptors the process has: finds a test that leaves one open.
#pragma once

#include <cstddef>
#include <filesystem>
#include <iterator>

namespace greenroom::test {

[[nodiscard]] inline std::size_t open_fds() {
  const std::filesystem::directory_iterator all("/proc/self/fd");
  return static_cast<std::size_t>(
      std::distance(begin(all), std::filesystem::directory_iterator()));
}

}  // namespace greenroom::test
