#include "../../support/catch2.hpp"
#include "../../support/run_hub.hpp"

#include <greenroom/runtime/core/slab.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <set>
#include <thread>
#include <vector>

namespace greenroom::test {
namespace {

using detail::Slab;

Slab& mine() { return *Slab::mine(); }

TEST_CASE("slab: a thread has one while it has a hub", "[runtime][slab]") {
  CHECK(Slab::mine() == nullptr);
  run_hub([] { CHECK(Slab::mine() != nullptr); });
  CHECK(Slab::mine() == nullptr);
}

TEST_CASE("slab: cells do not overlap and are aligned for anything",
          "[runtime][slab]") {
  run_hub([] {
    for (const std::size_t size :
         {1U, 16U, 48U, 49U, 100U, 512U, 513U, 5000U}) {
      std::set<char*> cells;
      for (int i = 0; i < 2000; ++i) {
        auto* cell = static_cast<char*>(mine().allocate(size));
        std::memset(cell, 0x55, size);
        cells.insert(cell);
      }
      CHECK(cells.size() == 2000);
      bool aligned = true;
      bool apart = true;
      const char* end = nullptr;
      for (char* cell : cells) {
        const auto address = reinterpret_cast<std::uintptr_t>(cell);
        aligned = aligned && address % alignof(std::max_align_t) == 0;
        apart = apart && cell >= end;
        end = cell + size;
      }
      CHECK(aligned);
      CHECK(apart);
      for (char* cell : cells) mine().release(cell, size);
    }
  });
}

// With AddressSanitizer cells come from the heap, so that it can see a use
// after release.
#if !defined(GREENROOM_ASAN)

TEST_CASE("slab: the cell released last is allocated first",
          "[runtime][slab]") {
  run_hub([] {
    void* a = mine().allocate(100);
    void* b = mine().allocate(100);
    void* other_size = mine().allocate(200);
    mine().release(a, 100);
    mine().release(b, 100);
    mine().release(other_size, 200);
    CHECK(mine().allocate(97) == b);  // the same class of sizes
    CHECK(mine().allocate(112) == a);
    CHECK(mine().allocate(200) == other_size);
    mine().release(a, 100);
    mine().release(b, 100);
    mine().release(other_size, 200);
  });
}

TEST_CASE("slab: cells released on another hub come home through the door",
          "[runtime][slab]") {
  run_hub([] {
    constexpr std::size_t size = 500;
    std::set<void*> cells;
    for (int i = 0; i < 200; ++i) cells.insert(mine().allocate(size));

    std::thread([&] {
      const Hub theirs;
      for (void* cell : cells) mine().release(cell, size);
      // The free list of that hub does not get them.
      void* own = mine().allocate(size);
      if (cells.contains(own)) cells.clear();
      mine().release(own, size);
    }).join();
    REQUIRE(cells.size() == 200);

    idle();  // looks at the door
    for (int i = 0; i < 200; ++i) cells.erase(mine().allocate(size));
    CHECK(cells.empty());
  });
}

TEST_CASE("slab: a cell released on a thread without a hub comes home",
          "[runtime][slab]") {
  run_hub([] {
    void* cell = mine().allocate(400);
    std::thread([&] { Slab::release_foreign(cell, 400); }).join();
    idle();
    CHECK(mine().allocate(400) == cell);
    mine().release(cell, 400);
  });
}

TEST_CASE("slab: a cell that outlives its hub goes to the next of its number",
          "[runtime][slab]") {
  void* cell = nullptr;
  HubId home{};
  run_hub([&] {
    cell = mine().allocate(450);
    home = Hub::current().id();
  });
  Slab::release_foreign(cell, 450);

  run_hub([&] {
    REQUIRE(Hub::current().id() == home);
    idle();
    CHECK(mine().allocate(450) == cell);
    mine().release(cell, 450);
  });
}

#endif

TEST_CASE(
    "slab: larger pieces come from the heap, and any thread may free them",
    "[runtime][slab]") {
  run_hub([] {
    void* large = mine().allocate(Slab::kLargestCell + 1);
    std::memset(large, 1, Slab::kLargestCell + 1);
    std::thread([&] {
      Slab::release_foreign(large, Slab::kLargestCell + 1);
    }).join();
    SUCCEED();
  });
}

}  // namespace
}  // namespace greenroom::test
