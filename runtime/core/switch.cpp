#include "switch.hpp"

#include "sanitizer.hpp"

#include <cxxabi.h>

#include <cfenv>

#if __has_include(<valgrind/valgrind.h>)
#include <valgrind/valgrind.h>
#else
#define VALGRIND_STACK_REGISTER(start, end) 0
#define VALGRIND_STACK_DEREGISTER(id)
#endif

#if defined(GREENROOM_ASAN)
#include <pthread.h>
#include <sanitizer/asan_interface.h>
#endif

namespace greenroom::detail {
namespace {

namespace context = boost::context::detail;

void enter(context::transfer_t transfer) noexcept;

// What a new stack needs to know. It finds this in the words below its record.
struct Start {
  Stack* self;
  StackPool::Entry entry;
};

Start& start_of(Stack& stack) noexcept {
  return *reinterpret_cast<Start*>(reinterpret_cast<char*>(&stack) -
                                   sizeof(Start));
}

void enter(context::transfer_t transfer) noexcept {
  Stack& previous = arrive(transfer);
  Stack& self = *previous.successor;
  announce_arrival(self);
  load_float_control(previous, self);
  exception_state() = {};
  start_of(self).entry(self);
}

}  // namespace

ExceptionState& exception_state() noexcept {
  return *reinterpret_cast<ExceptionState*>(abi::__cxa_get_globals());
}

void prepare(Stack& stack, StackPool::Entry entry) noexcept {
  Start& start = start_of(stack);
  start = {&stack, entry};
  auto* top = reinterpret_cast<char*>(&start);
  stack.context = context::make_fcontext(
      top, static_cast<std::size_t>(top - stack.bottom), &enter);
  prepare_float_control(stack);
  stack.valgrind_id =
      VALGRIND_STACK_REGISTER(stack.bottom, stack.bottom + stack.size);
#if defined(GREENROOM_TSAN)
  stack.tsan_fiber = __tsan_create_fiber(0);
#endif
}

void adopt_thread_stack([[maybe_unused]] Stack& stack) noexcept {
#if defined(GREENROOM_ASAN)
  pthread_attr_t attributes;
  if (pthread_getattr_np(pthread_self(), &attributes) == 0) {
    void* bottom = nullptr;
    pthread_attr_getstack(&attributes, &bottom, &stack.size);
    pthread_attr_destroy(&attributes);
    stack.bottom = static_cast<char*>(bottom);
  }
#endif
#if defined(GREENROOM_TSAN)
  stack.tsan_fiber = __tsan_get_current_fiber();
#endif
}

void forget([[maybe_unused]] Stack& stack) noexcept {
  VALGRIND_STACK_DEREGISTER(stack.valgrind_id);
#if defined(GREENROOM_ASAN)
  // Its last frames never return, so ASan's marks around them stay. Without
  // this they would trip whoever gets this memory next.
  __asan_unpoison_memory_region(stack.bottom, stack.size);
#endif
#if defined(GREENROOM_TSAN)
  __tsan_destroy_fiber(stack.tsan_fiber);
#endif
}

void set_rounding_to_nearest() noexcept { std::fesetround(FE_TONEAREST); }

}  // namespace greenroom::detail
