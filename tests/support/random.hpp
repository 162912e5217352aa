// Random numbers, the same for the same seed on every machine.
#pragma once

#include <cstddef>
#include <cstdint>

namespace greenroom::test {

// xorshift64*, https://en.wikipedia.org/wiki/Xorshift
class Random {
 public:
  /// `seed` must not be zero.
  explicit Random(std::uint64_t seed) : state_(seed) {}

  /// From 0 to limit - 1.
  std::size_t below(std::size_t limit) {
    state_ ^= state_ >> 12U;
    state_ ^= state_ << 25U;
    state_ ^= state_ >> 27U;
    return static_cast<std::size_t>((state_ * 0x2545f4914f6cdd1dULL) >> 32U) %
           limit;
  }

 private:
  std::uint64_t state_;
};

}  // namespace greenroom::test
