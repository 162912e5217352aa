#include "../../support/catch2.hpp"
#include "../../support/dies.hpp"
#include "../../support/run_hub.hpp"

#include <greenroom/runtime/core/sanitizer.hpp>
#include <greenroom/runtime/core/stack.hpp>

#include <cstdint>
#include <cstring>
#include <fstream>
#include <new>
#include <set>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;
using detail::Stack;
using detail::StackPool;

const std::size_t page = StackPool::system_page();

[[noreturn]] void never(Stack&) { std::abort(); }

class Pool : public StackPool {
 public:
  explicit Pool(std::size_t size = 16 * page,
                StackGuard guard = StackGuard::guard_pages,
                std::size_t page_size = page)
      : StackPool(size, guard, &never, page_size) {}
  // Nobody runs on these stacks, so they can be given back and left at once.
  void give_and_leave(Stack& stack) {
    give(stack);
    left(stack);
  }
};

TEST_CASE("stack: the one given last is taken first", "[runtime][stack]") {
  Pool pool;
  Stack& a = pool.take();
  Stack& b = pool.take();
  CHECK(&a != &b);
  CHECK(pool.pooled() == 0);

  pool.give_and_leave(a);
  pool.give_and_leave(b);
  CHECK(pool.pooled() == 2);
  CHECK(&pool.take() == &b);
  CHECK(&pool.take() == &a);
  CHECK(pool.pooled() == 0);
  pool.give_and_leave(a);
  pool.give_and_leave(b);
}

TEST_CASE("stack: sizes are whole pages, and each has its own pool",
          "[runtime][stack]") {
  Pool pool(16 * page);
  CHECK(pool.default_size() == 16 * page);
  Stack& plain = pool.take();
  Stack& large = pool.take(25 * page + 1);
  CHECK(plain.size == 16 * page);
  CHECK(large.size == 26 * page);

  pool.give_and_leave(plain);
  pool.give_and_leave(large);
  CHECK(pool.pooled() == 2);
  CHECK(&pool.take(26 * page) == &large);
  CHECK(&pool.take(16 * page) == &plain);
  pool.give_and_leave(plain);
  pool.give_and_leave(large);
}

TEST_CASE("stack: a default too small to run anything is made larger",
          "[runtime][stack]") {
  CHECK(Pool(1).default_size() == 4 * page);
}

// As on some aarch64 kernels: guards and sizes follow.
TEST_CASE("stack: pages may be of 64 KiB", "[runtime][stack]") {
  constexpr std::size_t large_page = std::size_t{64} * 1024;
  Pool pool(100'000, StackGuard::guard_pages, large_page);
  CHECK(pool.default_size() == 4 * large_page);

  Stack& plain = pool.take();
  Stack& longer = pool.take(4 * large_page + 1);
  CHECK(plain.size == 4 * large_page);
  CHECK(longer.size == 5 * large_page);
  for (const Stack* stack : {&plain, &longer}) {
    CHECK(pool.overflowed_size(stack->bottom - large_page) == stack->size);
    CHECK(pool.overflowed_size(stack->bottom - 1) == stack->size);
    CHECK(pool.overflowed_size(stack->bottom) == 0);
  }

  plain.bottom[0] = 1;
  plain.bottom[3 * large_page - 1] = 1;
  pool.give_and_leave(plain);
  pool.give_and_leave(longer);
  pool.trim();
  CHECK(plain.bottom[0] == 0);
  CHECK(plain.bottom[3 * large_page - 1] == 0);
}

TEST_CASE("stack: all of it can be written, without touching a neighbour",
          "[runtime][stack]") {
  Pool pool;
  std::vector<Stack*> stacks;
  for (int i = 0; i < 100; ++i) stacks.push_back(&pool.take());
  for (Stack* stack : stacks) {
    // Up to the words that a new stack needs for its start.
    auto* stopped = static_cast<char*>(stack->context);
    std::memset(stack->bottom, 0x55,
                static_cast<std::size_t>(stopped - stack->bottom));
  }
  std::set<char*> bottoms;
  for (Stack* stack : stacks) {
    CHECK(stack->size == 16 * page);
    bottoms.insert(stack->bottom);
    pool.give_and_leave(*stack);
  }
  CHECK(bottoms.size() == 100);
}

TEST_CASE("stack: tops are coloured, so that hot frames do not collide",
          "[runtime][stack]") {
  Pool pool;
  std::set<std::uintptr_t> sets;
  std::vector<Stack*> stacks;
  for (int i = 0; i < 16; ++i) {
    stacks.push_back(&pool.take());
    sets.insert(reinterpret_cast<std::uintptr_t>(stacks.back()) % page);
  }
  CHECK(sets.size() == 16);
  for (Stack* stack : stacks) pool.give_and_leave(*stack);
}

TEST_CASE("stack: when the pool is full, memory goes back to the system",
          "[runtime][stack]") {
  Pool pool(4 * page);
  std::vector<Stack*> stacks;
  for (int i = 0; i < 1100; ++i) stacks.push_back(&pool.take());
  const std::size_t mappings = pool.mappings();

  // The places of discarded stacks are used again.
  for (int round = 0; round < 30; ++round) {
    for (Stack* stack : stacks) pool.give_and_leave(*stack);
    CHECK(pool.pooled() == 1024);
    std::set<char*> bottoms;
    for (Stack*& stack : stacks) {
      stack = &pool.take();
      bottoms.insert(stack->bottom);
    }
    CHECK(bottoms.size() == 1100);
  }
  CHECK(pool.mappings() == mappings);
  for (Stack* stack : stacks) pool.give_and_leave(*stack);
}

TEST_CASE("stack: trim() drops what deep calls touched, and no more",
          "[runtime][stack]") {
  Pool pool;
  Stack& stack = pool.take();
  auto* stopped = static_cast<char*>(stack.context);
  stack.bottom[0] = 1;
  stack.bottom[8 * page] = 1;
  char before[64];
  std::memcpy(before, stopped, sizeof before);

  pool.trim();  // it is not in the pool
  CHECK(stack.bottom[0] == 1);

  pool.give_and_leave(stack);
  pool.trim();
  CHECK(stack.bottom[0] == 0);
  CHECK(stack.bottom[8 * page] == 0);
  CHECK(std::memcmp(before, stopped, sizeof before) == 0);
  CHECK(&pool.take() == &stack);
  pool.give_and_leave(stack);
}

TEST_CASE("stack: trim() keeps the canary", "[runtime][stack]") {
  Pool pool(16 * page, StackGuard::canary);
  Stack& stack = pool.take();
  CHECK(stack.has_canary);
  pool.give_and_leave(stack);
  pool.trim();
  Pool::check_canary(stack, nullptr);  // aborts if it is damaged
  CHECK(&pool.take() == &stack);
  pool.give_and_leave(stack);
}

#if !defined(GREENROOM_TSAN)  // TSan has about 8000 fibers
TEST_CASE(
    "stack: where mprotect may guard no more, a canary does, and that is "
    "said once",
    "[runtime][stack]") {
  std::size_t mappings = 0;
  std::ifstream("/proc/sys/vm/max_map_count") >> mappings;
  const std::size_t most = mappings / 8 * 3;
  if (mappings == 0 || most > 100'000) return;  // too many to try

  const Death death = death_of([most] {
    Pool pool(4 * page, StackGuard::protection);
    Pool other(4 * page, StackGuard::protection);
    for (std::size_t i = 0; i < most; ++i)
      if (pool.take().has_canary) std::exit(3);
    if (!pool.take().has_canary || !other.take().has_canary) std::exit(4);
    // There is memory for many more.
    for (std::size_t i = 0; i < 2 * most; ++i)
      if (!pool.take().has_canary) std::exit(5);
    std::_Exit(0);
  });
  CHECK(death.status == 0);
  CHECK(death.message ==
        "greenroom: mprotect can guard no more stacks (see vm.max_map_count); "
        "new ones have a canary, which is checked when a greenlet leaves its "
        "stack\n");
}
#endif

TEST_CASE("stack: 10,000 of them need few mappings", "[runtime][stack]") {
  Pool pool(16 * page);
#if defined(GREENROOM_TSAN)
  constexpr int count = 2000;  // TSan has about 8000 fibers
#else
  constexpr int count = 10'000;
#endif
  std::vector<Stack*> stacks;
  for (int i = 0; i < count; ++i) stacks.push_back(&pool.take());
  CHECK(pool.mappings() < 20);
  for (Stack* stack : stacks) pool.give_and_leave(*stack);
}

TEST_CASE("stack: tells an address in a guard from one on a stack",
          "[runtime][stack]") {
  Pool pool;
  Stack& plain = pool.take();
  Stack& large = pool.take(32 * page);
  CHECK(pool.overflowed_size(plain.bottom - 1) == 16 * page);
  CHECK(pool.overflowed_size(plain.bottom - page) == 16 * page);
  CHECK(pool.overflowed_size(large.bottom - 8) == 32 * page);
  CHECK(pool.overflowed_size(plain.bottom) == 0);
  CHECK(pool.overflowed_size(plain.bottom + plain.size - 1) == 0);
  CHECK(pool.overflowed_size(&pool) == 0);
  CHECK(pool.overflowed_size(nullptr) == 0);
  pool.give_and_leave(plain);
  pool.give_and_leave(large);
}

TEST_CASE("stack: more than the address space throws bad_alloc",
          "[runtime][stack]") {
  Pool pool;
  CHECK_THROWS_AS(pool.take(std::size_t{1} << 50U), std::bad_alloc);
  pool.give_and_leave(pool.take());
}

TEST_CASE("stack: greenlets that do not park share one", "[runtime][stack]") {
  run_hub([] {
    for (int i = 0; i < 1000; ++i) spawn([] {});
    sleep();
    CHECK(Hub::current().stacks().pooled() <= 2);
  });
}

#if !defined(GREENROOM_ASAN) && !defined(GREENROOM_TSAN)
TEST_CASE("stack: 100,000 greenlets can be parked at once",
          "[runtime][stack]") {
  // With the second, more than mprotect can guard.
  const auto guard = GENERATE(StackGuard::guard_pages, StackGuard::protection);
  constexpr int count = 100'000;
  int woken = 0;

  run_hub(
      [&] {
        Event event;
        for (int i = 0; i < count; ++i) spawn([&] { event.wait(), ++woken; });
        sleep();
        CHECK(Hub::current().stacks().mappings() < 20);
        event.set();
        sleep();
      },
      {.stack_guard = guard});

  CHECK(woken == count);
}
#endif

}  // namespace
}  // namespace greenroom::test
