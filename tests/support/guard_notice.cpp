// Where the kernel cannot guard stacks in the best way, greenroom says so once
// in each program, on stderr. Here that happens before the first test, so that
// tests of what is on stderr find nothing but their own.

#include <greenroom/runtime/core/stack.hpp>

#include <cstdlib>

namespace {

using greenroom::detail::Stack;
using greenroom::detail::StackPool;

[[noreturn]] void never(Stack& /*self*/) { std::abort(); }

const bool was_said = [] {
  constexpr std::size_t size = std::size_t{64} * 1024;
  StackPool pool(size, greenroom::StackGuard::guard_pages, &never);
  pool.give(pool.take());
  return true;
}();

}  // namespace
