// What a message knows of its payload, and a payload that several messages
// share.
//
// Thread rule: any thread; a shared payload counts who holds it.
#pragma once

#include <atomic>
#include <cstddef>
#include <typeinfo>
#include <utility>

namespace greenroom::detail {

// What is known of a payload's type. One object per type: its address is the
// type's identity.
struct MessageType {
  const std::type_info& info;
  std::size_t size;
  void (*destroy)(void* payload) noexcept;
  void (*free)(void* payload) noexcept;  // destroys one on the heap
};

template <class T>
inline const MessageType message_type{
    typeid(T), sizeof(T),
    [](void* payload) noexcept { static_cast<T*>(payload)->~T(); },
    [](void* payload) noexcept { delete static_cast<T*>(payload); }};

// A payload that several messages share.
struct Shared {
  virtual ~Shared() = default;
  // any thread; messages that hold it. The last one deletes it.
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
