#include "errors.hpp"

#include <cstdio>
#include <cstdlib>
#include <sstream>

namespace greenroom {
namespace {

std::string in_words(Duration limit, const std::string& text) {
  std::ostringstream words;
  words << std::chrono::duration<double>(limit).count() << " seconds";
  if (!text.empty()) words << ": " << text;
  return words.str();
}

}  // namespace

TimeoutError::TimeoutError(Duration limit, const std::string& text,
                           Serial serial)
    : what_(in_words(limit, text)), serial_(serial) {}

void detail::abort_with(const std::string& sentence) noexcept {
  std::fprintf(stderr, "greenroom: %s\n", sentence.c_str());
  std::abort();
}

}  // namespace greenroom
