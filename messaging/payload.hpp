// What a message knows about its payload, and how several messages share one.
//
// There is one MessageType for each type, so its address tells which type it
// is. Where shared libraries hide what is theirs, there is one in each of them:
// then the types' names decide.
//
// Thread rule: any thread; a shared payload counts its holders.
#pragma once

#include "../runtime/core/export.hpp"

#include <atomic>
#include <cstddef>
#include <string_view>
#include <type_traits>
#include <typeinfo>
#include <utility>

namespace greenroom::detail {

// What a message knows about the type of its payload.
struct MessageType {
  const std::type_info& info;
  std::size_t size;
  unsigned last_word;  // of the type's name; 0: unknown
  void (*destroy)(void* payload) noexcept;
  void (*free)(void* payload) noexcept;  // destroys one on the heap
};

// The last word of the name of a class or enum, as a number; 0 if the name does
// not end with a word; 1 for other types. Compilers spell names in different
// ways: they agree on what is called how in its own scope, and on little else.
template <class T>
constexpr unsigned last_word_of_name() {
  if constexpr (!std::is_class_v<T> && !std::is_enum_v<T>) return 1;
  std::string_view name = __PRETTY_FUNCTION__;  // "... [with T = demo::Hello]"
  const auto is_in_word = [](char c) {
    return c == '_' || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
           (c >= 'a' && c <= 'z');
  };
  unsigned word = 0;
  name.remove_suffix(1);
  for (; is_in_word(name.back()); name.remove_suffix(1))
    word = word * 31 + static_cast<unsigned char>(name.back());
  return word;
}

template <class T>
GREENROOM_API inline const MessageType message_type{
    typeid(T), sizeof(T), last_word_of_name<T>(),
    [](void* payload) noexcept { static_cast<T*>(payload)->~T(); },
    [](void* payload) noexcept { delete static_cast<T*>(payload); }};

/// The names say that two types are the same.
[[nodiscard, gnu::cold]] GREENROOM_API bool have_same_name(
    const MessageType& a, const MessageType& b) noexcept;

/// Both are of the same type. Looks at names only if nothing else tells two
/// types apart: a handler asks this for each type that it takes.
[[nodiscard]] inline bool is_same(const MessageType& a,
                                  const MessageType& b) noexcept {
  if (&a == &b) return true;
  if (a.size != b.size) return false;
  if (a.last_word != b.last_word && a.last_word != 0 && b.last_word != 0)
    return false;
  return have_same_name(a, b);
}

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
