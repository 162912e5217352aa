// A program and its library must be compiled with headers of the same series,
// and with the same sanitizers: inline functions are on both sides. If they are
// not, the linker misses a symbol whose name says what is wrong, and so does
// the loader if another libgreenroom.so was found at run time.
#pragma once

#include "export.hpp"
#include "sanitizer.hpp"
#include "version.hpp"

#define GREENROOM_JOIN(a, b) GREENROOM_JOIN_(a, b)
#define GREENROOM_JOIN_(a, b) a##b

// library_0_2, or library_0_2_with_AddressSanitizer
#if defined(GREENROOM_ASAN)
#define GREENROOM_BUILD_MARK                                 \
  GREENROOM_JOIN(GREENROOM_JOIN(library_, GREENROOM_SERIES), \
                 _with_AddressSanitizer)
#elif defined(GREENROOM_TSAN)
#define GREENROOM_BUILD_MARK                                 \
  GREENROOM_JOIN(GREENROOM_JOIN(library_, GREENROOM_SERIES), \
                 _with_ThreadSanitizer)
#else
#define GREENROOM_BUILD_MARK GREENROOM_JOIN(library_, GREENROOM_SERIES)
#endif

namespace greenroom::detail {

GREENROOM_API extern const char GREENROOM_BUILD_MARK;

[[gnu::used]] inline const char* const needed_library = &GREENROOM_BUILD_MARK;

}  // namespace greenroom::detail
