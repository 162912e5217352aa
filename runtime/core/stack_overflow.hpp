// A stack overflow prints one line that names the greenlet and the size of its
// stack, then aborts. It hits the guard below the stack, and a SIGSEGV handler,
// which runs on a stack of its own, finds out whose guard that is.
//
// Thread rule: any thread.
#pragma once

#include "export.hpp"

#include <memory>

namespace greenroom::detail {

/// While it lives, overflows of stacks of the calling thread's hub are
/// reported. Other faults go to the handler that was there before.
class GREENROOM_API StackOverflowReport {
 public:
  StackOverflowReport();
  StackOverflowReport(const StackOverflowReport&) = delete;
  StackOverflowReport& operator=(const StackOverflowReport&) = delete;
  ~StackOverflowReport();

 private:
  std::unique_ptr<char[]> alternate_stack_;  // null: the thread had one
};

}  // namespace greenroom::detail
