// A TypedActor lists in its type what it receives, and has an on() for each.
//
//   class Counter : public TypedActor<Counter, Add, Total> {
//    public:
//     void on(Add message) { sum_ += message.amount; }
//     int on(Total) { return sum_; }
//   };
//   auto counter = spawn<Counter>();
//   counter.send(Add{2});
//   int sum = counter.ask(Total{}).get();
//
// Thread rule and order: as Actor.
#pragma once

#include "actor.hpp"

#include <type_traits>
#include <utility>
#include <variant>

namespace greenroom {

namespace detail {

// actor.on(message), for any message that it takes.
template <class Self>
struct CallOn {
  template <class T>
  requires requires(Self& actor, T&& message) {
    actor.on(std::forward<T>(message));
  }
  decltype(auto) operator()(T&& message) const {
    return actor.on(std::forward<T>(message));
  }

  Self& actor;
};

}  // namespace detail

/// `Self` is the derived class. The answer to an ask is what on() returns; an
/// on() that returns nothing answers when it is done. A message of another
/// type, sent through an untyped ActorRef, is a dead letter.
template <class Self, class... Messages>
class TypedActor : public Actor {
 public:
  using Actor::Actor;

  /// What the compiler asks before it sends.
  struct Interface {
    /// True: T is one of Messages, exactly.
    template <class T>
    static constexpr bool receives = (std::is_same_v<T, Messages> || ...);
    /// What A's on() returns for a T.
    template <class A, class T>
    using Answer =
        std::remove_cvref_t<decltype(std::declval<A&>().on(std::declval<T>()))>;
  };

  /// Never defined: `invalid use of ... does_not_receive<Start>` is how the
  /// compiler says that Start was sent to an actor that does not receive it.
  template <class T>
  struct does_not_receive;

 private:
  void receive(Message& message) final {
    if (!(receive_one<Messages>(message) || ...))
      refuse("it does not receive this type");
  }

  template <class T>
  bool receive_one(Message& message) {
    if (!message.is<T>()) return false;
    using R = typename Interface::template Answer<Self, T>;
    const detail::CallOn<Self> on{static_cast<Self&>(*this)};
    if constexpr (std::is_void_v<R>) {
      message.template hand_over<T>(on);
      if (message.is_ask()) message.reply(std::monostate());
    } else {
      R answer = message.template hand_over<T>(on);
      if (message.is_ask()) message.reply(std::move(answer));
    }
    return true;
  }
};

}  // namespace greenroom
