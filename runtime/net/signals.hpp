// on_signal() calls a function in a greenlet when the process gets a signal.
//
//   net::on_signal(SIGQUIT, greenroom::shutdown);
//
// A signal without a handler does what it does to any program: SIGINT ends it
// (unlike gevent, where it becomes an exception of the main greenlet).
//
// Thread rule: owning hub only; any number of hubs may listen for a signal, and
// all hear it.
// Order: all handlers of a signal start in the same turn, in no special order.
// Behaves as gevent.signal_handler (gevent 26.5, src/gevent/signal.py).
#pragma once

#include "../core/export.hpp"

#include <functional>
#include <memory>
#include <tuple>
#include <type_traits>
#include <utility>

namespace greenroom::detail {

// Can be called again and again, with arguments that are kept.
template <class F, class... Args>
concept SignalCallback = std::is_invocable_v<
    std::add_lvalue_reference_t<std::decay_t<F>>,
    std::add_lvalue_reference_t<const std::decay_t<Args>>...>;

}  // namespace greenroom::detail

namespace greenroom::net {

/// What on_signal() returns. The handler stays when this is destroyed.
class GREENROOM_API SignalHandler {
 public:
  /// Removes the handler; a call that is under way runs on. Does nothing the
  /// second time, and after the end of its hub.
  void cancel() noexcept;

 private:
  struct State;
  friend SignalHandler handle_signal(int number, std::function<void()> call);
  explicit SignalHandler(std::shared_ptr<State> state) noexcept
      : state_(std::move(state)) {}

  std::shared_ptr<State> state_;
};

/// on_signal() for a call without arguments. Throws std::invalid_argument if
/// `call` is empty.
GREENROOM_API SignalHandler handle_signal(int number,
                                          std::function<void()> call);

/// Calls `callback(args...)` in a new greenlet each time the process gets this
/// signal: soon after it, when the other greenlets have had their turn. The
/// callback may park. Two signals in quick succession may count as one. A
/// handler does not keep the hub running: LoopExit and wait() see only what
/// else there is. What the callback throws is reported, and thrown in the main
/// greenlet at its next wait. Throws std::system_error if `number` is not a
/// signal, or one that cannot be handled.
template <class F, class... Args>
requires detail::SignalCallback<F, Args...> SignalHandler
on_signal(int number, F&& callback, Args&&... args) {
  return handle_signal(number,
                       [callback = std::decay_t<F>(std::forward<F>(callback)),
                        arguments = std::tuple<std::decay_t<Args>...>(
                            std::forward<Args>(args)...)]() mutable {
                         std::apply(callback, std::as_const(arguments));
                       });
}

}  // namespace greenroom::net
