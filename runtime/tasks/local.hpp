// A Local has one value for each greenlet, made when that first touches it.
// Actors are greenlets, and so is main.
//
//   Local<Session> session;  // often a global
//   session->user = "Ann";   // this greenlet's
//
// Thread rule: any thread, also several at once: a greenlet finds its own value
// only. Touched on a thread without a hub, it gives it one.
// Order: a greenlet's values end in the reverse order of their making.
// Behaves as gevent.local.local (gevent 26.5, src/gevent/local.py).
#pragma once

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

/// Destroys the values of a Local that ends, of this thread's greenlets.
void drop_local(const LocalTable::Key& key) noexcept;

}  // namespace detail

/// A value ends with its greenlet, however that ends, before those who wait for
/// the end hear of it and even if handles are left. Its destructor runs in that
/// greenlet: it finds the older values, and makes new ones of those that have
/// ended. To touch a Local in a callback of the hub, where there is no
/// greenlet, throws BlockingSwitchOutError.
template <class T>
class Local {
 public:
  /// T's default constructor makes the values.
  Local() requires std::is_default_constructible_v<T>
  = default;
  /// `factory()` makes the values, each in the greenlet it is for. What it
  /// throws comes out of the touch; the next one tries again.
  template <class Factory>
  requires std::is_invocable_r_v<T, Factory&>
  explicit Local(Factory factory) : factory_(std::move(factory)) {}
  Local(const Local&) = delete;
  Local& operator=(const Local&) = delete;
  /// Destroys its values of this thread's greenlets, in the current one; those
  /// of other threads end with their greenlets.
  ~Local() { detail::drop_local(key_); }

  /// The current greenlet's value.
  [[nodiscard]] T& get() const {
    T* found = find();
    return found != nullptr ? *found : make();
  }
  T& operator*() const { return get(); }
  T* operator->() const { return &get(); }

  /// The current greenlet's value, or null if it has not touched it.
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

/// The types of the values that a greenlet has of Locals, oldest first: for
/// debugging.
[[nodiscard]] std::vector<std::string> describe_locals(
    const Greenlet& greenlet);

}  // namespace greenroom
