// aarch64: the floating-point control bits are in FPCR, which Boost's jump
// leaves alone. So each stack keeps its own in its record. The sticky flags
// have a register of their own, FPSR, which nobody saves.
#pragma once

#include "stack.hpp"

#include <cstdint>

namespace greenroom::detail {

// Volatile: the compiler must not move the assembly over other code, because it
// does not know that floating-point instructions depend on FPCR.
inline std::uint64_t read_fpcr() noexcept {
  std::uint64_t word;
  asm volatile("mrs %0, fpcr" : "=r"(word));
  return word;
}

inline void write_fpcr(std::uint64_t word) noexcept {
  asm volatile("msr fpcr, %0" : : "r"(word));
}

inline constexpr std::uint64_t kRoundingBits = 0x00c0'0000;

/// Gives a stack that is about to start the control bits of the caller, but
/// rounding to nearest.
inline void prepare_float_control(Stack& stack) noexcept {
  stack.float_control = read_fpcr() & ~kRoundingBits;
}

/// Before the jump from `from`.
inline void save_float_control(Stack& from) noexcept {
  from.float_control = read_fpcr();
}

/// After the jump, on the stack `self`.
inline void load_float_control(Stack& previous, const Stack& self) noexcept {
  // FPCR is still the previous stack's. Reading it is cheap, writing it is not.
  if (previous.float_control != self.float_control) [[unlikely]]
    write_fpcr(self.float_control);
}

/// Whether the calling thread rounds to nearest.
inline bool rounds_to_nearest() noexcept {
  return (read_fpcr() & kRoundingBits) == 0;
}

/// For a loop that waits for another thread. Not `yield`, which most processors
/// skip.
inline void pause_processor() noexcept { asm volatile("isb"); }

}  // namespace greenroom::detail
