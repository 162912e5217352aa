// Which sanitizer this translation unit is built with: g++ and clang say it
// differently.
#pragma once

#if defined(__SANITIZE_ADDRESS__)
#define GREENROOM_ASAN 1
#endif
#if defined(__SANITIZE_THREAD__)
#define GREENROOM_TSAN 1
#endif
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define GREENROOM_ASAN 1
#endif
#if __has_feature(thread_sanitizer)
#define GREENROOM_TSAN 1
#endif
#endif
