// A table whose entries are named by slot and generation: a name is never given
// out twice, so an old one is recognised.
//
// Thread rule: one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace greenroom::detail {

template <class T>
class SlotTable {
 public:
  struct Name {
    std::uint32_t slot;
    std::uint64_t generation;
  };

  /// Sets the bits of `mark` in the generation of the new name.
  Name add(T& object, std::uint64_t mark = 0) {
    std::uint32_t slot = first_free_;
    if (slot == kNone) {
      slot = static_cast<std::uint32_t>(slots_.size());
      slots_.push_back({});
      first_ = slots_.data();
      count_ = slot + 1;
    } else {
      first_free_ = slots_[slot].next_free();
    }
    Slot& entry = slots_[slot];
    entry.object = &object;
    entry.generation = ++last_generation_ | mark;
    ++size_;
    return {slot, entry.generation};
  }

  [[nodiscard]] T* find(std::uint32_t slot,
                        std::uint64_t generation) const noexcept {
    if (slot >= count_) [[unlikely]]
      return nullptr;
    const Slot& entry = first_[slot];
    return entry.generation == generation ? entry.object : nullptr;
  }

  /// From now on the name means `object`: the named one has moved there.
  void move(std::uint32_t slot, T& object) noexcept {
    slots_[slot].object = &object;
  }

  void remove(std::uint32_t slot) noexcept {
    slots_[slot].generation = kFree;
    slots_[slot].set_next_free(first_free_);
    first_free_ = slot;
    --size_;
  }

  [[nodiscard]] std::size_t size() const noexcept { return size_; }

  template <class Visit>
  void for_each(Visit visit) {
    for (std::size_t i = 0; i < slots_.size(); ++i)
      if (slots_[i].generation != kFree) visit(*slots_[i].object);
  }

 private:
  static constexpr std::uint32_t kNone = UINT32_MAX;

  // No name has this generation: they count from 1.
  static constexpr std::uint64_t kFree = UINT64_MAX;

  // Used: object and generation. Free: the next free slot, and kFree.
  struct Slot {
    T* object = nullptr;
    std::uint64_t generation = kFree;

    [[nodiscard]] std::uint32_t next_free() const noexcept {
      return static_cast<std::uint32_t>(
          reinterpret_cast<std::uintptr_t>(object));
    }
    void set_next_free(std::uint32_t slot) noexcept {
      object = reinterpret_cast<T*>(std::uintptr_t{slot});
    }
  };

  std::vector<Slot> slots_;
  const Slot* first_ = nullptr;  // of slots_, for a quick find()
  std::uint32_t count_ = 0;      // of slots_
  std::uint32_t first_free_ = kNone;
  std::uint64_t last_generation_ = 0;
  std::size_t size_ = 0;
};

}  // namespace greenroom::detail
