// spawn(): runs a function in a greenlet of its own. And what every greenlet
// program needs beside it: sleep(), current(), idle().
//
// Thread rule: any thread, which gets a hub if it has none; the greenlet runs
// there.
// Behaves as gevent.spawn, spawn_later, sleep, getcurrent, idle (gevent 26.5,
// src/gevent/hub.py).
#pragma once

#include "../core/export.hpp"
#include "../core/greenlet.hpp"
#include "../core/hub.hpp"
#include "timeout.hpp"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

namespace greenroom {

/// A greenlet with a result.
template <class T>
class GreenletOf : public Greenlet {
 public:
  /// T, or std::monostate for void.
  using Value = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

  /// What it returned; null while it lives, and if it ended in another way.
  [[nodiscard]] const Value* value() const noexcept {
    return value_ ? &*value_ : nullptr;
  }

  /// Parks until it has ended, and returns what it returned. Throws what it
  /// failed with (the same object each time), or the GreenletExit that killed
  /// it. Throws TimeoutError if `limit` passes first. The value lives as long
  /// as the greenlet: keep a handle, or copy it.
  const Value& get(Duration limit = forever) {
    Greenlet::get(limit);
    return *value_;
  }

  /// As get(), and moves the value out. Once only.
  Value take(Duration limit = forever) {
    Greenlet::get(limit);
    return std::move(*value_);
  }

 protected:
  /// What value() points to: run() sets it.
  std::optional<Value> value_;
};

/// A handle of a greenlet with a result.
template <class T>
using GreenletPtrOf = boost::intrusive_ptr<GreenletOf<T>>;

/// What a greenlet is called, and how large its stack is.
struct SpawnOptions {
  /// For reports. Default: "Greenlet-<id>".
  std::string name{};
  /// Bytes; 0: the hub's default.
  std::size_t stack_size = 0;
};

namespace detail {

// A greenlet that calls a function. The function and its arguments are
// destroyed after the call, not with the last handle.
template <class T, class F, class... Args>
class FunctionGreenlet final : public GreenletOf<T> {
 public:
  template <class G, class... As>
  explicit FunctionGreenlet(std::in_place_t, G&& function, As&&... args)
      : call_(std::in_place, std::forward<G>(function),
              std::forward<As>(args)...) {}

 private:
  void run() override {
    struct Forget {
      ~Forget() { call.reset(); }
      std::optional<std::tuple<F, Args...>>& call;
    } const forget{call_};
    if constexpr (std::is_void_v<T>) {
      std::apply(Invoke{}, std::move(*call_));
      this->value_.emplace();
    } else {
      this->value_.emplace(std::apply(Invoke{}, std::move(*call_)));
    }
  }

  struct Invoke {
    decltype(auto) operator()(F&& function, Args&&... args) const {
      return std::invoke(std::forward<F>(function),
                         std::forward<Args>(args)...);
    }
  };

  std::optional<std::tuple<F, Args...>> call_;
};

template <class F, class... Args>
using SpawnResult = std::remove_cvref_t<
    std::invoke_result_t<std::decay_t<F>, std::decay_t<Args>...>>;

template <class F, class... Args>
[[nodiscard]] auto make_function_greenlet(F&& function, Args&&... args) {
  using T = SpawnResult<F, Args...>;
  using G = FunctionGreenlet<T, std::decay_t<F>, std::decay_t<Args>...>;
  return GreenletPtrOf<T>(new G(std::in_place, std::forward<F>(function),
                                std::forward<Args>(args)...));
}

GREENROOM_API void sleep_for(Duration duration);

template <class F, class... Args>
concept Spawnable = std::is_invocable_v<std::decay_t<F>, std::decay_t<Args>...>;

}  // namespace detail

/// Queues a greenlet that calls `function(args...)` on copies of both. It
/// starts when the caller next parks.
template <class F, class... Args>
requires detail::Spawnable<F, Args...>
auto spawn(F&& function, Args&&... args) {
  auto greenlet = detail::make_function_greenlet(std::forward<F>(function),
                                                 std::forward<Args>(args)...);
  greenlet->start();
  return greenlet;
}

/// The same with options.
template <class F, class... Args>
requires detail::Spawnable<F, Args...>
auto spawn(SpawnOptions options, F&& function, Args&&... args) {
  auto greenlet = detail::make_function_greenlet(std::forward<F>(function),
                                                 std::forward<Args>(args)...);
  if (!options.name.empty()) greenlet->set_name(std::move(options.name));
  if (options.stack_size != 0) greenlet->set_stack_size(options.stack_size);
  greenlet->start();
  return greenlet;
}

/// spawn() after a delay.
template <class F, class... Args>
requires detail::Spawnable<F, Args...>
auto spawn_later(Duration delay, F&& function, Args&&... args) {
  auto greenlet = detail::make_function_greenlet(std::forward<F>(function),
                                                 std::forward<Args>(args)...);
  greenlet->start_later(delay);
  return greenlet;
}

/// Parks the current greenlet for this long. Zero (the default) or less: gives
/// way once to everything that is ready now.
inline void sleep(Duration duration = Duration::zero()) {
  if (duration <= Duration::zero())
    Hub::current().yield();
  else
    detail::sleep_for(duration);
}

/// Parks the current greenlet until nothing else is ready.
GREENROOM_API void idle();

/// The running greenlet; the main greenlet if none was spawned. Throws
/// BlockingSwitchOutError in a callback of the hub, where there is none.
[[nodiscard]] GREENROOM_API Greenlet& current();

}  // namespace greenroom
