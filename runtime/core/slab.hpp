// Cells: small pieces of memory for greenlets, actors and messages, cut from
// chunks that belong to one hub.
//
// Allocating and freeing on the owning hub is a push or pop of a free list. A
// cell freed on another hub is collected there and sent home with others
// through the home's door, so that two threads never touch the same free list.
//
// Thread rule: each thread uses its own slab (mine()); cells may be released
// on any hub.
#pragma once

#include "build_mark.hpp"
#include "export.hpp"
#include "per_hub.hpp"
#include "sanitizer.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace greenroom::detail {

class GREENROOM_API Slab {
 public:
  /// The size of the largest cell; anything larger comes from the heap.
  static constexpr std::size_t kLargestCell = 512;

  explicit Slab(HubId home) noexcept : home_(home) {}
  Slab(const Slab&) = delete;
  Slab& operator=(const Slab&) = delete;

  /// The calling thread's slab, or null on a thread without a hub.
  [[nodiscard]] static Slab* mine() noexcept { return mine_; }

  /// Makes the slab of hub `id` the calling thread's, until disown().
  static void adopt(HubId id);
  static void disown() noexcept;

  /// Memory for `size` bytes, aligned for any fundamental type. Sizes up to
  /// kLargestCell come from this slab. Throws std::bad_alloc.
  [[nodiscard]] void* allocate(std::size_t size) {
#if !defined(GREENROOM_ASAN)
    if (size <= kLargestCell) [[likely]] {
      Cell*& head = free_[class_of(size)];
      if (Cell* cell = head; cell != nullptr) [[likely]] {
        head = cell->next;
        return cell;
      }
      return refill(class_of(size));
    }
#endif
    return ::operator new(size);
  }

  /// Gives back what allocate(size) returned, on this slab's thread.
  void release(void* memory, std::size_t size) noexcept {
#if !defined(GREENROOM_ASAN)
    if (size <= kLargestCell) [[likely]] {
      if (home_of(memory) == this) [[likely]] {
        auto* cell = static_cast<Cell*>(memory);
        cell->next = free_[class_of(size)];
        free_[class_of(size)] = cell;
      } else {
        collect(memory, size);
      }
      return;
    }
#endif
    ::operator delete(memory);
  }

  /// As release(), on a thread that has no slab.
  static void release_foreign(void* memory, std::size_t size) noexcept;

  /// Sends home what has been collected for other hubs.
  void send_home() noexcept;

 private:
  // A free cell.
  struct Cell {
    Cell* next;
  };

  // Cells of one size on their way home. The parcel that carries them is built
  // in the first of them.
  struct Homebound {
    Cell* first = nullptr;
    std::size_t count = 0;
  };
  class Parcel;

  static constexpr std::size_t kGranule = 16;
  static constexpr std::size_t kSmallestCell = 48;  // a Parcel fits
  static constexpr std::size_t kClasses = kLargestCell / kGranule;
  static constexpr std::size_t kChunk = std::size_t{64} * 1024;
  // What chunks are cut from: the size of a large page.
  static constexpr std::size_t kRegion = std::size_t{2} * 1024 * 1024;
  static constexpr std::size_t kBatch = 64;

  static constexpr std::size_t class_of(std::size_t size) noexcept {
    return ((size < kSmallestCell ? kSmallestCell : size) - 1) / kGranule;
  }
  static Slab* home_of(void* memory) noexcept {
    const auto address = reinterpret_cast<std::uintptr_t>(memory);
    return *reinterpret_cast<Slab**>(address & ~(kChunk - 1));
  }

  void* refill(std::size_t cls);
  char* new_chunk();
  void collect(void* memory, std::size_t size) noexcept;
  static void post(Slab& home, std::size_t cls, Cell* first) noexcept;

  // const after construction
  const HubId home_;

  // only the thread that adopted it
  std::array<Cell*, kClasses> free_{};
  char* region_ = nullptr;       // where the next chunk is cut from
  std::size_t region_left_ = 0;  // bytes
  std::size_t regions_ = 0;      // mapped so far
  std::vector<std::array<Homebound, kClasses>*> homebound_;  // by hub number

  GREENROOM_NEAR static thread_local constinit Slab* mine_;
};

}  // namespace greenroom::detail
