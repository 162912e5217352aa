// Something that exists once per hub number and outlives the hub: other threads
// may still hold its address. The next hub with that number takes it over.
//
// Thread rule: any thread.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace greenroom {

/// The number of a hub. When a hub has ended, another one may get its number.
using HubId = std::uint16_t;

/// How many hubs can live at the same time in one process.
inline constexpr std::size_t kMaxHubs = 1024;

namespace detail {

template <class T>
class PerHub {
 public:
  /// The object of this hub; the hub's own thread makes it on first use.
  T& get_or_make(HubId id) {
    // Acquire: pairs with the release below, so that its contents are seen.
    T* found = slots_[id].load(std::memory_order_acquire);
    if (found == nullptr) {
      found = new T(id);
      slots_[id].store(found, std::memory_order_release);
    }
    return *found;
  }

  /// The object of this hub, or null if no hub ever had the number.
  [[nodiscard]] T* find(HubId id) const noexcept {
    // Acquire: as above.
    return id < kMaxHubs ? slots_[id].load(std::memory_order_acquire) : nullptr;
  }

 private:
  // any thread; null -> object, once, never back
  std::array<std::atomic<T*>, kMaxHubs> slots_{};
};

}  // namespace detail
}  // namespace greenroom
