#include "stack.hpp"

#include "errors.hpp"
#include "greenlet.hpp"
#include "switch.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <new>

namespace greenroom::detail {
namespace {

constexpr int kMadviseGuardInstall = 102;  // newer than Debian 12's headers
constexpr std::size_t kFirstSlabStacks = 64;
constexpr std::size_t kLargestSlab = std::size_t{4} << 30U;

// Stack tops are shifted by some cache lines (coloured). Otherwise the hot
// frames of many greenlets would compete for the same cache sets. The record
// and 16 colours fit into one page.
constexpr std::size_t kCacheLine = 64;
constexpr std::uint32_t kColours = 16;

constexpr std::uint64_t kCanary = 0x67726565'6e726f6fULL;

// The size of a stack's record, in whole cache lines, so that what lies below
// is aligned.
constexpr std::size_t kRecord =
    (sizeof(Stack) + kCacheLine - 1) / kCacheLine * kCacheLine;

constexpr std::size_t round_up(std::size_t size, std::size_t page) {
  return (size + page - 1) / page * page;
}

// False where a stack would be left without a guard although the kernel said
// yes: qemu-user takes advice for a hint, so it agrees to all there is, and
// does nothing. A kernel refuses advice that it does not know.
bool takes_advice_seriously(char* page, std::size_t size) {
  constexpr int known_to_nobody = 0x7fff;
  static const bool does = madvise(page, size, known_to_nobody) != 0;
  return does;
}

// A fallback is worth one line in the log of a program, not one for each hub.
// Each has its flag. Relaxed: only decides who prints, and publishes nothing
// else.
void say_once(std::atomic<bool>& said, const char* sentence) {
  if (!said.exchange(true, std::memory_order_relaxed))
    std::fprintf(stderr, "greenroom: %s\n", sentence);
}

// How many stacks mprotect may guard in this process. Each costs two mappings,
// and a quarter of all that a process may have is for the rest of the program:
// without a mapping there would be no memory, and so no stack with a canary.
std::size_t most_protected_stacks() {
  static const std::size_t most = [] {
    std::size_t mappings = 0;
    std::ifstream("/proc/sys/vm/max_map_count") >> mappings;
    constexpr std::size_t usual = 65530;
    return (mappings == 0 ? usual : mappings) / 8 * 3;
  }();
  return most;
}

// Relaxed: only counts; to exceed the limit by a few does no harm.
std::atomic<std::size_t> protected_stacks{0};

void drop_pages(char* from, const char* to) {
  if (from < to)
    madvise(from, static_cast<std::size_t>(to - from), MADV_DONTNEED);
}

}  // namespace

StackPool::StackPool(std::size_t default_size, StackGuard best_guard,
                     Entry entry, std::size_t page)
    : page_(page),
      default_size_(round_up(std::max(default_size, 4 * page), page)),
      entry_(entry),
      guard_(best_guard) {
  new_class(default_size_);
}

StackPool::~StackPool() {
  for (const SizeClass& cls : classes_) {
    for (Stack* stack = cls.pool; stack != nullptr; stack = stack->next)
      forget(*stack);
    for (const Slab& slab : cls.slabs) munmap(slab.base, slab.bytes);
  }
  protected_stacks.fetch_sub(protected_, std::memory_order_relaxed);
}

void StackPool::trim() noexcept {
  for (const SizeClass& cls : classes_) {
    for (Stack* stack = cls.pool; stack != nullptr; stack = stack->next) {
      if (!stack->used) continue;
      // Drop the pages below the one in which the stack stopped.
      auto* stopped = static_cast<char*>(stack->context);
      const auto offset = static_cast<std::size_t>(stopped - stack->bottom);
      const std::size_t canary = stack->has_canary ? page_ : 0;
      drop_pages(stack->bottom + canary,
                 stack->bottom + offset / page_ * page_);
      stack->used = false;
    }
  }
}

void StackPool::check_canary(const Stack& stack,
                             const Greenlet* user) noexcept {
  std::uint64_t found = 0;
  std::memcpy(&found, stack.bottom, sizeof found);
  if (found != kCanary)
    abort_with("stack overflow in " +
               (user == nullptr ? "a greenlet that has ended" : user->name()) +
               ": it has written beyond its stack of " +
               std::to_string(stack.size / 1024) +
               " KiB; see SpawnOptions::stack_size");
}

std::size_t StackPool::pooled() const noexcept {
  std::size_t count = 0;
  for (const SizeClass& cls : classes_) count += cls.pooled;
  return count;
}

std::size_t StackPool::mappings() const noexcept {
  std::size_t count = 0;
  for (const SizeClass& cls : classes_) count += cls.slabs.size();
  return count;
}

std::size_t StackPool::overflowed_size(const void* address) const noexcept {
  const auto* at = static_cast<const char*>(address);
  for (const SizeClass& cls : classes_) {
    for (const Slab& slab : cls.slabs) {
      if (at < slab.base || at >= slab.base + slab.bytes) continue;
      const auto offset = static_cast<std::size_t>(at - slab.base) % cls.stride;
      return offset < page_ ? cls.size : 0;
    }
  }
  return 0;
}

std::size_t StackPool::system_page() noexcept {
  return static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

StackPool::SizeClass& StackPool::other_class_for(std::size_t size) {
  const std::size_t whole_pages = round_up(size, page_);
  for (SizeClass& cls : classes_)
    if (cls.size == whole_pages) return cls;
  return new_class(whole_pages);
}

StackPool::SizeClass& StackPool::new_class(std::size_t size) {
  SizeClass& cls = classes_.emplace_back();
  cls.size = size;
  cls.stride = size + page_;
  return cls;
}

Stack& StackPool::make(SizeClass& cls) {
  char* place = new_place(cls);
  const std::uint32_t number = cls.next_number++;
  // Reserve now, because discard() must not throw.
  if (cls.discarded.capacity() <= number)
    cls.discarded.reserve(std::size_t{number} * 2 + kFirstSlabStacks);
  const std::size_t colour = number % kColours * kCacheLine;
  char* top = place + cls.stride - colour;
  auto* stack = new (top - kRecord) Stack;
  stack->bottom = place + page_;
  stack->size = cls.size;
  stack->number = number;
  stack->used = true;
  if (guard_ == StackGuard::canary) {
    std::memcpy(stack->bottom, &kCanary, sizeof kCanary);
    stack->has_canary = true;
  }
  prepare(*stack, entry_);
  return *stack;
}

char* StackPool::new_place(SizeClass& cls) {
  if (!cls.discarded.empty()) {
    char* place = cls.discarded.back();
    cls.discarded.pop_back();
    return place;
  }
  const bool full =
      cls.slabs.empty() || (cls.made + 1) * cls.stride > cls.slabs.back().bytes;
  if (full) {
    // Each slab is twice as large as the last, so a million stacks need few.
    std::size_t bytes = cls.stride * kFirstSlabStacks;
    if (!cls.slabs.empty())
      bytes = std::min(
          cls.slabs.back().bytes * 2,
          std::max(kLargestSlab / cls.stride, kFirstSlabStacks) * cls.stride);
    void* base = mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (base == MAP_FAILED) throw std::bad_alloc();
    madvise(base, bytes, MADV_NOHUGEPAGE);
    cls.slabs.push_back({static_cast<char*>(base), bytes});
    cls.made = 0;
  }
  char* place = cls.slabs.back().base + cls.made++ * cls.stride;
  if (guard_ != StackGuard::canary) install_guard(place);
  return place;
}

void StackPool::install_guard(char* place) {
  if (guard_ == StackGuard::guard_pages) {
    if (madvise(place, page_, kMadviseGuardInstall) == 0 &&
        takes_advice_seriously(place, page_))
      return;
    guard_ = StackGuard::protection;
    static std::atomic<bool> said_no_guard_pages{false};
    say_once(
        said_no_guard_pages,
        "this kernel has no MADV_GUARD_INSTALL (new in Linux 6.13); mprotect "
        "guards the stacks instead, about 24,000 of them at most");
  }
  if (protected_stacks.load(std::memory_order_relaxed) <
          most_protected_stacks() &&
      mprotect(place, page_, PROT_NONE) == 0) {
    protected_stacks.fetch_add(1, std::memory_order_relaxed);
    ++protected_;
    return;
  }
  guard_ = StackGuard::canary;
  static std::atomic<bool> said_no_protection{false};
  say_once(
      said_no_protection,
      "mprotect can guard no more stacks (see vm.max_map_count); new ones have "
      "a canary, which is checked when a greenlet leaves its stack");
}

void StackPool::discard(Stack& stack) noexcept {
  SizeClass& cls = class_for(stack.size);
  char* bottom = stack.bottom;
  const char* end = bottom + stack.size;
  forget(stack);
  drop_pages(bottom, end);
  cls.discarded.push_back(bottom - page_);
}

}  // namespace greenroom::detail
