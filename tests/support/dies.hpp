// What a program prints when it dies: for misuse that ends in abort().
#pragma once

#include <csignal>
#include <functional>
#include <string>

namespace greenroom::test {

struct Death {
  int signal = 0;       ///< 0 if it exited by itself
  int status = 0;       ///< its exit status then
  std::string message;  ///< what it wrote to stderr
};

/// Runs `body` in a child process, and returns how that process ended.
[[nodiscard]] Death death_of(const std::function<void()>& body);

}  // namespace greenroom::test
