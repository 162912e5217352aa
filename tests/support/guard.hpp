// Writes into a log when it is destroyed.
#pragma once

#include <string>
#include <vector>

namespace greenroom::test {

struct Guard {
  ~Guard() { log.push_back(text); }
  std::vector<std::string>& log;
  std::string text;
};

}  // namespace greenroom::test
