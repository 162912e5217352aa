// What a message knows about its payload, and how several messages share one.
//
// Thread rule: any thread; a shared payload counts its holders.
#pragma once

#include "../runtime/core/export.hpp"

#include <atomic>
#include <cstddef>
#include <typeinfo>
#include <utility>

namespace greenroom::detail {

// What a message knows about the type of its payload. There is one object for
// each type, so its address tells which type it is.
struct MessageType {
  const std::type_info& info;
  std::size_t size;
  void (*destroy)(void* payload) noexcept;
  void (*free)(void* payload) noexcept;  // destroys one on the heap
};

template <class T>
GREENROOM_API inline const MessageType message_type{
    typeid(T), sizeof(T),
    [](void* payload) noexcept { static_cast<T*>(payload)->~T(); },
    [](void* payload) noexcept { delete static_cast<T*>(payload); }};

// A payload that several messages share.
struct GREENROOM_API Shared {
  virtual ~Shared() = default;
  // any thread; how many messages hold it. The last one deletes it.
  std::atomic<std::size_t> holders{1};

  void release() noexcept {
    // Release, and acquire for the last: all uses come before the delete.
    if (holders.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
  }
};

template <class T>
struct SharedValue final : Shared {
  explicit SharedValue(T&& v) : value(std::move(v)) {}
  T value;
};

}  // namespace greenroom::detail
