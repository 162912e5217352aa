// What does a switch between two stacks cost, without greenroom? This is the
// yardstick for the other benchmarks.
//
// Boost.Context keeps the floating-point control word per stack. The word also
// holds sticky flags, such as "a result was inexact", and loading one that
// differs from the current one is slow on some processors.

#include "harness.hpp"
#include "yardstick.hpp"

#include <boost/context/detail/fcontext.hpp>
#include <boost/context/fixedsize_stack.hpp>

namespace {

using namespace greenroom::bench;
namespace context = boost::context::detail;

void jump_back_for_ever(context::transfer_t transfer) {
  for (;;) transfer = context::jump_fcontext(transfer.fctx, nullptr);
}

// The jump inside a fiber switch.
double raw_jump(std::size_t jumps) {
  std::feclearexcept(FE_ALL_EXCEPT);
  boost::context::fixedsize_stack allocator;
  auto stack = allocator.allocate();
  context::transfer_t other{
      context::make_fcontext(stack.sp, stack.size, jump_back_for_ever),
      nullptr};
  const double cost = nanoseconds_each(jumps, [&] {
    for (std::size_t i = 0; i < jumps; i += 2)
      other = context::jump_fcontext(other.fctx, nullptr);
  });
  allocator.deallocate(stack);
  return cost;
}

void measure(Round& round) {
  const std::size_t switches = round.pick(20'000'000, 200'000);
  round.report("jump_fcontext", raw_jump(switches), "ns");
  round.report("fiber switch", fiber_switch(switches), "ns");
  round.report("fiber switch, one side has divided",
               fiber_switch(switches, /*inexact=*/true), "ns");
}

}  // namespace

int main(int argc, char** argv) {
  return answer(argc, argv, {"What does a switch between two stacks cost?"},
                measure);
}
