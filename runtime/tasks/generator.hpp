// A Generator is a function that hands out values one at a time, and rests in
// between until somebody asks for more.
//
//   Generator<int> squares([](auto& yield) {
//     for (int n = 1;; ++n) yield(n * n);
//   });
//   for (int square : squares) if (square > 50) break;
//
// The function runs in a greenlet of its own, which may wait for anything.
// Between it and the one that asks there is a direct switch: nobody else runs.
//
// Thread rule: owning hub only.
// Source: Python's generators, as the yield of gevent's tutorials uses them.
#pragma once

#include "../core/export.hpp"
#include "../core/greenlet.hpp"
#include "../core/wait.hpp"
#include "spawn.hpp"

#include <concepts>
#include <cstddef>
#include <exception>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

namespace greenroom {

namespace detail {

// The switching, which does not depend on the types.
class GREENROOM_API GeneratorCore {
 public:
  GeneratorCore();
  GeneratorCore(const GeneratorCore&) = delete;
  GeneratorCore& operator=(const GeneratorCore&) = delete;
  ~GeneratorCore() = default;

  /// The greenlet that will call run(), not started.
  void set_greenlet(GreenletPtr greenlet) { greenlet_ = std::move(greenlet); }

  // For the one that asks.

  /// Throws ConcurrentObjectUseError while another one asks.
  void assert_may_ask() const;
  [[nodiscard]] bool has_begun() const noexcept {
    return greenlet_->started() || greenlet_->dead();
  }
  [[noreturn]] static void refuse_to_send();
  /// Parks until the function has yielded (true) or ended (false). Throws,
  /// once, what it failed with.
  bool go_on();
  /// Unwinds the function.
  void close() noexcept;

  // For the function's greenlet.

  void run(const std::function<void()>& function) noexcept;
  /// Throws InvalidSwitchError in any other greenlet, GreenletExit when closed.
  void assert_may_yield() const;
  /// Parks until somebody asks for more.
  void yield();

 private:
  // const after construction
  Hub& hub_;

  // owning hub only
  GreenletPtr greenlet_;
  Waiter* asker_ = nullptr;    // while it is parked in go_on() or close()
  Waiter* yielder_ = nullptr;  // while the function is parked in yield()
  std::exception_ptr failure_;
  bool has_yielded_ = false;  // and nobody has taken the value yet
  bool is_closing_ = false;
};

template <class T>
using OrMonostate = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

// What both sides share; it lives as long as either.
template <class T, class Sent>
struct GeneratorState {
  GeneratorCore core;
  std::optional<OrMonostate<T>> yielded;
  OrMonostate<Sent> sent{};
};

}  // namespace detail

/// What the function of a Generator<T, Sent> calls to hand out a value; it may
/// pass it to functions that it calls.
template <class T, class Sent = void>
class Yield {
 public:
  /// What the Generator and its function share.
  using State = detail::GeneratorState<T, Sent>;

  /// The Generator makes it.
  explicit Yield(State& state) : state_(state) {}

  /// Hands out T(args...), and parks until somebody asks for more. Returns what
  /// was sent, or a Sent() if nothing was. Throws GreenletExit when the
  /// generator is destroyed, and InvalidSwitchError in another greenlet.
  template <class... Args>
  Sent operator()(Args&&... args) {
    state_.core.assert_may_yield();
    state_.yielded.emplace(std::forward<Args>(args)...);
    state_.core.yield();
    if constexpr (!std::is_void_v<Sent>)
      return std::exchange(state_.sent, Sent());
  }

 private:
  State& state_;
};

/// T: what it hands out, may be void. Sent: what it gets back, may be void.
template <class T = void, class Sent = void>
class Generator {
 public:
  /// T, or std::monostate for void.
  using Value = detail::OrMonostate<T>;
  /// An input iterator that asks for the next value: for range-for.
  class Iterator;

  /// `function(yield)` begins when somebody asks for the first value. Belongs
  /// to the calling thread's hub.
  template <class Function>
  requires std::invocable < Function&, Yield<T, Sent>
  & > explicit Generator(Function function)
      : state_(std::make_shared<detail::GeneratorState<T, Sent>>()) {
    state_->core.set_greenlet(detail::make_function_greenlet(
        [shared = std::weak_ptr(state_), body = std::move(function)]() mutable {
          // Kept alive to the end, even if the generator goes before.
          const auto state = shared.lock();
          state->core.run([&] {
            Function here = std::move(body);
            Yield<T, Sent> yield(*state);
            here(yield);
          });
        }));
  }
  Generator(Generator&&) noexcept = default;
  Generator& operator=(Generator&& other) noexcept {
    std::swap(state_, other.state_);
    return *this;
  }
  /// Unwinds the function if it has not ended: throws GreenletExit into it
  /// where it is, and returns when its destructors have run. Parks until then;
  /// a kill does not end that wait.
  ~Generator() {
    if (state_ != nullptr) state_->core.close();
  }

  /// Parks until the function yields, and returns the value; nothing once it
  /// has ended. Throws, once, what it failed with. Kill: throws; the value,
  /// when it comes, is for the next one that asks. Throws
  /// ConcurrentObjectUseError if another greenlet, or the function itself, asks
  /// meanwhile.
  std::optional<Value> next() {
    state_->core.assert_may_ask();
    if (!state_->core.go_on()) return std::nullopt;
    return std::exchange(state_->yielded, std::nullopt);
  }

  /// As next(), and the yield where the function waits returns `value`. Throws
  /// InvalidSwitchError before the first next(): no yield waits for it.
  template <class V>
  requires std::convertible_to<V, Sent> std::optional<Value> send(V&& value) {
    state_->core.assert_may_ask();
    if (!state_->core.has_begun()) detail::GeneratorCore::refuse_to_send();
    state_->sent = std::forward<V>(value);
    return next();
  }

  /// Asks for the first value, or for the next one: there is only one pass.
  [[nodiscard]] Iterator begin() { return Iterator(*this); }
  [[nodiscard]] static std::default_sentinel_t end() noexcept { return {}; }

 private:
  std::shared_ptr<detail::GeneratorState<T, Sent>> state_;
};

template <class T, class Sent>
class Generator<T, Sent>::Iterator {
 public:
  using value_type = Value;
  using difference_type = std::ptrdiff_t;

  explicit Iterator(Generator& generator)
      : generator_(&generator), current_(generator.next()) {}
  Value& operator*() const noexcept { return *current_; }
  Iterator& operator++() {
    current_ = generator_->next();
    return *this;
  }
  void operator++(int) { ++*this; }
  bool operator==(std::default_sentinel_t) const noexcept {
    return !current_.has_value();
  }

 private:
  Generator* generator_;
  mutable std::optional<Value> current_;
};

}  // namespace greenroom
