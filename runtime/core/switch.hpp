// The switch from one stack to another: Boost.Context's, plus what it leaves
// out: the C++ exception state, the floating-point flags, and telling ASan,
// TSan and valgrind.
//
// Thread rule: both stacks belong to the hub of the calling thread.
#pragma once

#include "export.hpp"
#include "processor.hpp"
#include "sanitizer.hpp"
#include "stack.hpp"

#include <boost/context/detail/fcontext.hpp>

#if defined(GREENROOM_ASAN)
#include <sanitizer/common_interface_defs.h>
#endif
#if defined(GREENROOM_TSAN)
#include <sanitizer/tsan_interface.h>
#endif

namespace greenroom::detail {

/// What the C++ runtime keeps per thread about exceptions in flight. It belongs
/// to the greenlet: each may park inside a catch block. Same layout as the
/// Itanium ABI's __cxa_eh_globals.
struct ExceptionState {
  void* caught = nullptr;
  unsigned uncaught = 0;
};

/// The calling thread's exception state. Its address never changes.
[[nodiscard]] GREENROOM_API ExceptionState& exception_state() noexcept;

/// Prepares a stack to run `entry(stack)` when it is first switched to.
GREENROOM_API void prepare(Stack& stack, StackPool::Entry entry) noexcept;

/// Leaves `from` and goes on with `to`. Returns when somebody switches back,
/// and returns the stack that did so. Each stack has its own rounding mode and
/// other control bits; the sticky floating-point flags are unspecified
/// afterwards.
///
/// Inline down to Boost's jump: the processor predicts a `ret` from the calls
/// it has seen, and those were made on another stack. So every call level
/// between the jump and the code that parked costs a misprediction (7 ns where
/// it was measured).
Stack& switch_stacks(Stack& from, Stack& to, ExceptionState& state) noexcept;

/// Tells the sanitizers about the thread's own stack, once per hub.
GREENROOM_API void adopt_thread_stack(Stack& stack) noexcept;

/// Tells the sanitizers to forget a stack that will not run again.
GREENROOM_API void forget(Stack& stack) noexcept;

/// Sets the rounding mode of the calling thread back to the one that new
/// greenlets start with, if the function that just ran left another one.
void reset_rounding() noexcept;
GREENROOM_API void set_rounding_to_nearest() noexcept;

// ---- the inline part

inline void reset_rounding() noexcept {
  if (!rounds_to_nearest()) [[unlikely]]
    set_rounding_to_nearest();
}

// Runs on the stack that was just entered, before anything else.
inline Stack& arrive(boost::context::detail::transfer_t transfer) noexcept {
  auto& previous = *static_cast<Stack*>(transfer.data);
  previous.context = transfer.fctx;
  return previous;
}

// TSan counts calls: one that begins on a stack has to end on it. So these
// functions are always inlined, even where the compiler does not optimise.
[[gnu::always_inline]] inline void announce_leaving(
    [[maybe_unused]] Stack& from, [[maybe_unused]] Stack& to) noexcept {
#if defined(GREENROOM_ASAN)
  __sanitizer_start_switch_fiber(&from.fake_stack, to.bottom, to.size);
#endif
#if defined(GREENROOM_TSAN)
  __tsan_switch_to_fiber(to.tsan_fiber, 0);
#endif
}

[[gnu::always_inline]] inline void announce_arrival(
    [[maybe_unused]] Stack& self) noexcept {
#if defined(GREENROOM_ASAN)
  __sanitizer_finish_switch_fiber(self.fake_stack, nullptr, nullptr);
#endif
}

[[gnu::always_inline]] inline Stack& switch_stacks(
    Stack& from, Stack& to, ExceptionState& state) noexcept {
  const ExceptionState mine = state;
  from.successor = &to;
  save_float_control(from);
  announce_leaving(from, to);
  Stack& previous =
      arrive(boost::context::detail::jump_fcontext(to.context, &from));
  announce_arrival(from);
  load_float_control(previous, from);
  state = mine;
  return previous;
}

}  // namespace greenroom::detail
