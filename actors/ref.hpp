// A Ref<A> is an ActorRef that knows the class of its actor, and so, for a
// TypedActor, what may be sent to it.
//
// Thread rule and order: as ActorRef.
#pragma once

#include "../messaging/actor_ref.hpp"

#include <type_traits>
#include <utility>

namespace greenroom {

namespace detail {

/// A lists what it receives, as a TypedActor does.
template <class A>
concept Typed = requires {
  typename A::Interface;
};

template <class A, class T>
constexpr bool receives = [] {
  if constexpr (Typed<A>)
    return A::Interface::template receives<std::decay_t<T>>;
  else
    return true;
}();

}  // namespace detail

template <class A>
class Ref : public ActorRef {
 public:
  constexpr Ref() = default;
  /// The caller knows that `ref` names an A.
  explicit constexpr Ref(const ActorRef& ref) : ActorRef(ref) {}

  /// As ActorRef::send(). Does not compile if A does not receive a T; the
  /// first line of the error says so.
  template <class T>
  void send(T&& message) const {
    if constexpr (detail::receives<A, T>)
      ActorRef::send(std::forward<T>(message));
    else
      (void)sizeof(typename A::template does_not_receive<std::decay_t<T>>);
  }
  /// As send(); `ref << first << second` sends both, in this order.
  template <class T>
  const Ref& operator<<(T&& message) const {
    send(std::forward<T>(message));
    return *this;
  }

  /// As ActorRef::ask(). The answer is what the TypedActor's on() returns.
  template <class T>
  requires detail::Typed<A>
  [[nodiscard]] auto ask(T&& question, Duration deadline = forever) const {
    if constexpr (detail::receives<A, T>)
      return ActorRef::ask<
          typename A::Interface::template Answer<A, std::decay_t<T>>>(
          std::forward<T>(question), deadline);
    else
      (void)sizeof(typename A::template does_not_receive<std::decay_t<T>>);
  }
  /// As ActorRef::ask(), if A is no TypedActor.
  template <class R, class T>
  requires(!detail::Typed<A>)
      [[nodiscard]] Reply<R> ask(T&& question,
                                 Duration deadline = forever) const {
    return ActorRef::ask<R>(std::forward<T>(question), deadline);
  }
};

}  // namespace greenroom
