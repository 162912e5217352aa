// x86-64: the floating-point control bits are in MXCSR, for the x87 unit in a
// word of its own. Boost's jump saves and loads both: they are the first two
// words of a suspended context.
#pragma once

#include "stack.hpp"

#include <cstdint>
#include <cstring>

namespace greenroom::detail {

// Loading an MXCSR that differs from the current one is slow on some
// processors. They differ if a sticky flag is set on one side only, and to look
// first (stmxcsr) costs as much as a switch on other processors. So all sticky
// flags are kept set in all saved words: then no computation changes them, and
// nothing needs to be read. docs/decisions/0001.
inline constexpr std::uint32_t kStickyFlags = 0x3f;

inline void set_sticky_flags(void* suspended) noexcept {
  std::uint32_t word;
  std::memcpy(&word, suspended, sizeof word);
  if ((word & kStickyFlags) == kStickyFlags) [[likely]]
    return;
  word |= kStickyFlags;
  std::memcpy(suspended, &word, sizeof word);
}

/// Gives a stack that is about to start the control bits of the caller, but
/// rounding to nearest.
inline void prepare_float_control(Stack& stack) noexcept {
  constexpr std::uint32_t rounding_bits = 0x6000;
  constexpr std::uint16_t x87_rounding_bits = 0x0c00;
  auto* bytes = static_cast<char*>(stack.context);
  std::uint32_t word;
  std::memcpy(&word, bytes, sizeof word);
  word = (word & ~rounding_bits) | kStickyFlags;
  std::memcpy(bytes, &word, sizeof word);
  std::uint16_t x87;
  std::memcpy(&x87, bytes + sizeof word, sizeof x87);
  x87 = static_cast<std::uint16_t>(x87 & ~x87_rounding_bits);
  std::memcpy(bytes + sizeof word, &x87, sizeof x87);
}

/// Before the jump from `from`.
inline void save_float_control(Stack& /*from*/) noexcept {}

/// After the jump, on the stack `self`.
inline void load_float_control(Stack& previous,
                               const Stack& /*self*/) noexcept {
  set_sticky_flags(previous.context);
}

/// Whether the calling thread rounds to nearest.
inline bool rounds_to_nearest() noexcept {
  // Adding less than half a unit shows the rounding mode in three cheap
  // instructions, where reading the control word would stall.
  float tiny = 0x1p-30F;
  asm volatile("" : "+x"(tiny));  // the compiler must not compute it
  return (1.0F + tiny) - (1.0F - tiny) == 0.0F;
}

/// For a loop that waits for another thread.
inline void pause_processor() noexcept { __builtin_ia32_pause(); }

}  // namespace greenroom::detail
