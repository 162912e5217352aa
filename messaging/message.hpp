// What a handler does with a Message: looks at its payload, takes it, and
// answers. The class itself stands in message_cell.hpp.
//
//   void receive(Message& message) override {
//     message.match([this](const Order& order) { orders_.push_back(order); },
//                   [this](Count) { return orders_.size(); });  // the answer
//   }
//
// Thread rule: the greenlet that handles the message only.
#pragma once

#include "actor_ref.hpp"
#include "message_cell.hpp"
#include "post_office.hpp"

#include <type_traits>
#include <utility>

namespace greenroom {

namespace detail {

// The type of a handler's argument.
template <class F>
struct ArgumentOf : ArgumentOf<decltype(&F::operator())> {};
template <class R, class A, bool N>
struct ArgumentOf<R (*)(A) noexcept(N)> {
  using Type = A;
};
template <class R, class C, class A, bool N>
struct ArgumentOf<R (C::*)(A) noexcept(N)> {
  using Type = A;
};
template <class R, class C, class A, bool N>
struct ArgumentOf<R (C::*)(A) const noexcept(N)> {
  using Type = A;
};

}  // namespace detail

inline ActorRef Message::sender() const noexcept {
  return is_ask() ? ActorRef() : ActorRef(sender_);
}

template <class T>
void Message::reply(T&& value) {
  PostOffice::answer(sender_, std::forward<T>(value));
}

template <class T, class F>
decltype(auto) Message::hand_over(F&& f) {
  T& payload = *static_cast<T*>(payload_);
  if constexpr (std::is_invocable_v<F, const T&>) {
    if (flags_.storage == Storage::shared) return f(std::as_const(payload));
  } else if (flags_.storage == Storage::shared) {
    return f(take<T>());
  }
  return f(std::move(payload));
}

template <class... Handlers>
bool Message::match(Handlers&&... handlers) {
  return (match_one(handlers) || ...);
}

template <class Handler>
bool Message::match_one(Handler& handler) {
  using Argument =
      typename detail::ArgumentOf<std::remove_cvref_t<Handler>>::Type;
  using T = std::remove_cvref_t<Argument>;
  if constexpr (std::is_same_v<T, Message>) {
    reply_with_result_of([&]() -> decltype(auto) { return handler(*this); });
    return true;
  } else {
    static_assert(!std::is_lvalue_reference_v<Argument> ||
                      std::is_const_v<std::remove_reference_t<Argument>>,
                  "a handler takes its message as T, T&& or const T&");
    if (!is<T>()) return false;
    reply_with_result_of(
        [&]() -> decltype(auto) { return hand_over<T>(handler); });
    return true;
  }
}

// An answer goes only to somebody who asked.
template <class Call>
void Message::reply_with_result_of(Call call) {
  if constexpr (std::is_void_v<std::invoke_result_t<Call&>>) {
    call();
  } else {
    auto result = call();
    if (is_ask()) reply(std::move(result));
  }
}

}  // namespace greenroom
