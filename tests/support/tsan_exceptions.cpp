// Shows ThreadSanitizer which thread may destroy an exception.
//
// libstdc++ counts the references to an exception with atomics, but it does so
// inside the shared library, where ThreadSanitizer does not see them. When the
// last holder destroys the exception, that looks like a race with an earlier
// holder that has read it. Here every release takes a lock that belongs to the
// exception, which ThreadSanitizer does see.

#include <greenroom/runtime/core/sanitizer.hpp>

#if defined(GREENROOM_TSAN)

#include <cxxabi.h>
#include <dlfcn.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <exception>
#include <mutex>

namespace {

std::recursive_mutex& lock_of(const std::exception_ptr& held) {
  static std::array<std::recursive_mutex, 64> locks;
  std::uintptr_t exception = 0;
  std::memcpy(&exception, &held, sizeof exception);
  return locks[exception / 128 % locks.size()];
}

template <class Function>
Function original(const char* mangled) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, mangled));
}

}  // namespace

void std::__exception_ptr::exception_ptr::_M_release() noexcept {
  static const auto release = original<void (*)(exception_ptr*)>(
      "_ZNSt15__exception_ptr13exception_ptr10_M_releaseEv");
  const std::scoped_lock lock(lock_of(*this));
  release(this);
}

extern "C" void __cxxabiv1::__cxa_end_catch() {
  static const auto end_catch = original<void (*)()>("__cxa_end_catch");
  const std::scoped_lock lock(lock_of(std::current_exception()));
  end_catch();
}

#endif
