// An ActorRef is the address of an actor: send to it, from any thread, whether
// the actor lives or not. It owns nothing and costs nothing to copy.
//
// Thread rule: send(), stop(), kill(): any thread. ask(), join(): where there
// is a greenlet to wait.
// Order: messages from one sender to one actor arrive in the order of sending.
#pragma once

#include "address.hpp"
#include "exit_reason.hpp"
#include "message_cell.hpp"
#include "post_office.hpp"
#include "reply.hpp"

#include <concepts>
#include <cstddef>
#include <functional>
#include <string>
#include <type_traits>
#include <utility>

namespace greenroom {

class ActorRef {
 public:
  /// Names nobody: what is sent to it becomes a dead letter.
  constexpr ActorRef() = default;
  /// Names whoever has this address.
  explicit constexpr ActorRef(const Address& address) : address_(address) {}

  /// Moves `message` into the actor's inbox. If the actor has ended, the
  /// message becomes a dead letter. Parks only if the inbox is bounded and full
  /// and its policy is WhenFull::park_sender; Kill: the message is not sent.
  /// Throws InboxFull if the inbox is full and its policy is WhenFull::fail,
  /// and what the move of the message throws.
  template <class T>
  void send(T&& message) const {
    PostOffice::send(address_, make_message(std::forward<T>(message),
                                            PostOffice::current_sender()));
  }
  /// As send(); `ref << first << second` sends both, in this order.
  template <class T>
  const ActorRef& operator<<(T&& message) const {
    send(std::forward<T>(message));
    return *this;
  }

  /// Sends a question; the answer arrives in the Reply. After the deadline the
  /// question is no longer handled, and no wait for the answer lasts longer.
  /// Reply::get() throws what the handler throws. Fails with ActorUnreachable
  /// if the actor has ended, or ends before it answers.
  template <class R, class T>
  [[nodiscard]] Reply<R> ask(T&& question, Duration deadline = forever) const {
    Reply<R> reply;
    detail::Question about{address_, &detail::message_type<std::decay_t<T>>,
                           Hub::current().recent_now()};
    Message& message = make_message(std::forward<T>(question), reply.address());
    if (deadline != forever) {
      about.deadline = deadline_after(Hub::current().now(), deadline);
      PostOffice::set_deadline(message, about.deadline);
    }
    reply.set_question(about);
    PostOffice::send(address_, message);
    return reply;
  }

  /// Ends the actor after the message in hand. The messages that wait in its
  /// inbox become dead letters. Does not wait for the end.
  void stop() const { PostOffice::stop(address_); }

  /// Throws `what` (default: GreenletExit) into the actor where it waits; an
  /// actor at rest ends. Does not wait for the end.
  void kill(std::exception_ptr what = nullptr) const {
    PostOffice::kill(address_, std::move(what));
  }

  /// Parks until the actor has ended, and returns how. If it had ended before
  /// this call, the kind is `unknown`. Throws TimeoutError if `limit` passes
  /// first.
  ExitReason join(Duration limit = forever) const {
    return ending().take(limit);
  }

  /// Returns a Reply that gets the ExitReason when the actor ends. If it has
  /// already ended, the Reply gets it at once, of the kind `unknown`. Does not
  /// park.
  [[nodiscard]] Reply<ExitReason> ending() const {
    Reply<ExitReason> end;
    PostOffice::watch(address_, end.address());
    return end;
  }

  /// The actor's; nobody's if it names nobody.
  [[nodiscard]] const Address& address() const noexcept { return address_; }
  /// True if it names an actor, which may have ended.
  explicit operator bool() const noexcept { return !address_.is_nobody(); }

  friend bool operator==(const ActorRef&, const ActorRef&) = default;

 private:
  Address address_;
};

static_assert(std::is_trivially_copyable_v<ActorRef> && sizeof(ActorRef) <= 16);

/// As to_string() of its address: "hub0/7.1".
[[nodiscard]] inline std::string to_string(const ActorRef& ref) {
  return to_string(ref.address());
}

}  // namespace greenroom

template <>
struct std::hash<greenroom::ActorRef> {
  std::size_t operator()(const greenroom::ActorRef& ref) const noexcept {
    return std::hash<greenroom::Address>()(ref.address());
  }
};
