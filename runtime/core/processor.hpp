// What greenroom has to know about the processor: how a switch keeps the
// floating-point control bits of each stack (rounding mode, flush to zero), and
// how to wait for a moment. Each processor has a header with the same
// functions.
//
// Thread rule: any thread; the stacks belong to the hub of the calling thread.
#pragma once

#if defined(__x86_64__)
#include "processor_x86_64.hpp"
#elif defined(__aarch64__)
#include "processor_aarch64.hpp"
#else
#error \
    "greenroom runs on x86-64 and aarch64. For another processor, add a twin \
of runtime/core/processor_aarch64.hpp here."
#endif
