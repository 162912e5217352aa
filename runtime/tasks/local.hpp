// A Local has one value for each greenlet, made when the greenlet first touches
// it.
// Actors are greenlets, and so is main.
//
//   Local<Session> session;  // often a global
//   session->user = "Ann";   // this greenlet's
//
// Thread rule: any thread, also several at once: a greenlet finds only its own
// value. A thread without a hub gets one when it touches a Local.
// Order: a greenlet's values are destroyed in the reverse order of their
// making.
// Behaves as gevent.local.local (gevent 26.5, src/gevent/local.py).
#pragma once

#include "../core/export.hpp"
#include "../core/greenlet.hpp"
#include "../core/local_table.hpp"
#include "spawn.hpp"

#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace greenroom {

namespace detail {

/// A Local ends: destroys its values of this thread's greenlets.
GREENROOM_API void drop_local(const LocalTable::Key& key) noexcept;

}  // namespace detail

/// A value is destroyed when its greenlet ends, in whatever way, before those
/// that wait for the end hear of it, and even if handles are left. Its
/// destructor runs in that greenlet: it finds the older values, and a touch of
/// one that is destroyed makes it anew. In a callback of the hub, where there
/// is no greenlet, a touch throws BlockingSwitchOutError.
template <class T>
class Local {
 public:
  /// T's default constructor makes the values.
  Local() requires std::is_default_constructible_v<T>
  = default;
  /// `factory()` makes the values, each in the greenlet it is for. A touch
  /// throws what it throws; the next touch tries again.
  template <class Factory>
  requires std::is_invocable_r_v<T, Factory&>
  explicit Local(Factory factory) : factory_(std::move(factory)) {}
  Local(const Local&) = delete;
  Local& operator=(const Local&) = delete;
  /// Destroys its values of this thread's greenlets, in the current greenlet;
  /// those of other threads end with their greenlets.
  ~Local() { detail::drop_local(key_); }

  /// The current greenlet's value.
  [[nodiscard]] T& get() const {
    T* found = find();
    return found != nullptr ? *found : make();
  }
  /// As get().
  T& operator*() const { return get(); }
  /// As get().
  T* operator->() const { return &get(); }

  /// The current greenlet's value; null if the greenlet has not touched it.
  [[nodiscard]] T* find() const {
    const detail::LocalTable* table = current().find_locals();
    auto* found = table == nullptr ? nullptr : table->find(key_);
    return found == nullptr ? nullptr : &static_cast<Value*>(found)->object;
  }

  /// Destroys the current greenlet's value; the next touch makes another.
  void reset() const {
    if (detail::LocalTable* table = current().find_locals())
      static_cast<void>(table->take(key_));
  }

 private:
  struct Value final : detail::LocalTable::Value {
    template <class Factory>
    explicit Value(const Factory& factory) : object(factory()) {}
    T object;
  };

  T& make() const {
    auto value = std::make_unique<Value>([this] {
      if constexpr (std::is_default_constructible_v<T>)
        return factory_ ? factory_() : T();
      else
        return factory_();
    });
    T& object = value->object;
    current().locals().add(key_, std::move(value));
    return object;
  }

  // const after construction
  const std::function<T()> factory_;
  const detail::LocalTable::Key key_ =
      std::make_shared<const detail::LocalKey>(detail::LocalKey{typeid(T)});
};

/// The types of a greenlet's values in Locals, oldest first: for debugging.
[[nodiscard]] GREENROOM_API std::vector<std::string> describe_locals(
    const Greenlet& greenlet);

}  // namespace greenroom
