// A payload whose copies, moves and comparisons throw when a test says so.
//
// Thread rule: one thread.
#pragma once

#include <stdexcept>

namespace greenroom::test {

class Stubborn {
 public:
  explicit Stubborn(int n) : number(n) {}
  Stubborn(const Stubborn& other) : number(other.number) { resist(); }
  Stubborn(Stubborn&& other) : number(other.number) {  // NOLINT: may throw
    resist();
    other.number = 0;
  }
  Stubborn& operator=(const Stubborn&) = delete;
  ~Stubborn() = default;

  bool operator<(const Stubborn& other) const {
    resist();
    return number < other.number;
  }

  /// How many of the next copies, moves and comparisons throw.
  inline static int refusals = 0;

  int number;  // 0 once it was moved away

 private:
  static void resist() {
    if (refusals == 0) return;
    --refusals;
    throw std::runtime_error("refused");
  }
};

}  // namespace greenroom::test
