// A stack overflow ends in one line that names the greenlet and its stack, then
// in abort(): the guard below the stack is hit, and a SIGSEGV handler on a
// stack of its own looks whose it is.
//
// Thread rule: any thread.
#pragma once

#include <memory>

namespace greenroom::detail {

/// While it lives, overflows of stacks of the calling thread's hub are
/// reported. Faults that are none of ours go to the handler that was there
/// before.
class StackOverflowReport {
 public:
  StackOverflowReport();
  StackOverflowReport(const StackOverflowReport&) = delete;
  StackOverflowReport& operator=(const StackOverflowReport&) = delete;
  ~StackOverflowReport();

 private:
  std::unique_ptr<char[]> alternate_stack_;  // null: the thread had one
};

}  // namespace greenroom::detail
