#include "errors.hpp"

#include <cstdio>
#include <cstdlib>

namespace greenroom::detail {

void abort_with(const std::string& sentence) noexcept {
  std::fprintf(stderr, "greenroom: %s\n", sentence.c_str());
  std::abort();
}

}  // namespace greenroom::detail
