// A stack that greenlets run on, and the pool that a hub takes stacks from.
//
// Stacks are mapped in slabs: address space is reserved, memory is used only
// where a stack was touched. Each has a guard below it, so that an overflow is
// reported (stack_overflow.hpp) and does not write into other memory.
//
// Thread rule: owning hub only.
#pragma once

#include "export.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace greenroom {

class Greenlet;

/// What lies below a stack to catch an overflow. The best comes first, the last
/// resort last.
enum class StackGuard : std::uint8_t {
  guard_pages,  ///< MADV_GUARD_INSTALL (Linux >= 6.13): costs no mapping
  protection,   ///< mprotect: a mapping per stack, ~24,000 stacks by default
  canary,       ///< a pattern, checked when the stack is left
};

namespace detail {

/// A stack and, while nobody runs on it, where it stopped. This record lies at
/// the upper end of the stack's own memory, so that a shallow stack touches one
/// page.
struct Stack {
  void* context = nullptr;   // of Boost.Context; valid while not running
  char* bottom = nullptr;    // lowest usable byte, above the guard
  std::size_t size = 0;      // usable bytes, this record included
  Stack* next = nullptr;     // in the pool
  std::uint32_t number = 0;  // within its size class
  bool retired = false;      // give its memory back once it has been left
  bool used = false;         // since it was last trimmed
  bool has_canary = false;
  Stack* successor = nullptr;  // the stack that this one last switched to
  void* fake_stack = nullptr;  // of ASan
  void* tsan_fiber = nullptr;
  unsigned valgrind_id = 0;
  // What processor_aarch64.hpp keeps here; unused on x86-64.
  std::uint64_t float_control = 0;
};

/// The stacks of one hub.
class GREENROOM_API StackPool {
 public:
  using Entry = void (*)(Stack& self);

  /// `entry` is what a new stack begins to run; it never returns. `page` is for
  /// tests; by default the system's.
  StackPool(std::size_t default_size, StackGuard best_guard, Entry entry,
            std::size_t page = system_page());
  StackPool(const StackPool&) = delete;
  StackPool& operator=(const StackPool&) = delete;
  ~StackPool();

  /// Makes sure that the next take() of the default size cannot fail. Throws
  /// std::bad_alloc.
  void reserve() {
    if (classes_.front().pool == nullptr) [[unlikely]]
      give(make(classes_.front()));
  }

  /// A stack of at least `size` bytes (0: the default size): the one left most
  /// recently, else a new one. Throws std::bad_alloc if the address space or
  /// the number of mappings is used up.
  [[nodiscard]] Stack& take(std::size_t size = 0) {
    SizeClass& cls = size == 0 ? classes_.front() : class_for(size);
    Stack* stack = cls.pool;
    if (stack == nullptr) [[unlikely]]
      return make(cls);
    cls.pool = stack->next;
    --cls.pooled;
    stack->used = true;
    return *stack;
  }

  /// Takes back a stack whose runner is about to leave it.
  void give(Stack& stack) noexcept {
    SizeClass& cls = class_for(stack.size);
    if (cls.pooled >= kPooledStacks) [[unlikely]] {
      stack.retired = true;
      return;
    }
    stack.next = cls.pool;
    cls.pool = &stack;
    ++cls.pooled;
  }

  /// To be called when a stack has been left: frees its memory if it was given
  /// while the pool was full.
  void left(Stack& stack) noexcept {
    if (stack.retired) [[unlikely]]
      discard(stack);
  }

  /// Gives back the memory that deep calls have touched on the pooled stacks.
  void trim() noexcept;

  /// Aborts if the stack's canary is damaged, and names `user`, the greenlet
  /// that is about to leave the stack. Null: the one that ran there has ended.
  static void check_canary(const Stack& stack, const Greenlet* user) noexcept;

  [[nodiscard]] StackGuard guard() const noexcept { return guard_; }
  [[nodiscard]] std::size_t default_size() const noexcept {
    return default_size_;
  }
  [[nodiscard]] std::size_t pooled() const noexcept;
  [[nodiscard]] std::size_t mappings() const noexcept;

  /// The usable size of the stack whose guard holds this address, else 0.
  /// Async-signal-safe.
  [[nodiscard]] std::size_t overflowed_size(const void* address) const noexcept;

  /// What memory is protected and given back in: 4 KiB on x86-64, 4, 16 or
  /// 64 KiB on aarch64.
  [[nodiscard]] static std::size_t system_page() noexcept;

 private:
  // One contiguous piece of address space.
  struct Slab {
    char* base;
    std::size_t bytes;
  };

  // All stacks of one size.
  struct SizeClass {
    std::size_t size = 0;  // usable bytes of a stack
    std::size_t stride =
        0;  // its address space: a guard of one page, and those
    std::vector<Slab> slabs;
    std::size_t made = 0;          // in the newest slab
    std::vector<char*> discarded;  // places whose memory was given back
    Stack* pool = nullptr;         // left most recently first
    std::size_t pooled = 0;
    std::uint32_t next_number = 0;
  };

  // So many stacks of a size stay in the pool with their memory. The memory of
  // others goes back to the system: a burst must not keep its pages for ever.
  static constexpr std::size_t kPooledStacks = 1024;

  SizeClass& class_for(std::size_t size) {
    SizeClass& usual = classes_.front();
    return usual.size == size ? usual : other_class_for(size);
  }
  SizeClass& other_class_for(std::size_t size);
  SizeClass& new_class(std::size_t size);
  Stack& make(SizeClass& cls);
  char* new_place(SizeClass& cls);
  void install_guard(char* place);
  void discard(Stack& stack) noexcept;

  const std::size_t page_;
  const std::size_t default_size_;
  const Entry entry_;
  StackGuard guard_;
  std::size_t protected_ = 0;  // stacks that mprotect guards
  std::vector<SizeClass> classes_;
};

}  // namespace detail
}  // namespace greenroom
