// An Actor is a greenlet that owns an inbox: it handles one message at a time,
// and may wait anywhere in its handlers; only it waits.
//
//   class Greeter : public Actor {
//     void receive(Message& message) override {
//       message.match([](const std::string& name) {
//         std::cout << "hello " << name << '\n';
//       });
//     }
//   };
//   auto greeter = spawn<Greeter>();
//   greeter.send(std::string("world"));
//
// Thread rule: owning hub only; everybody else uses the actor's Ref.
// Order: messages are handled in the order of arrival.
#pragma once

#include "../messaging/actor_ref.hpp"
#include "../messaging/exit_reason.hpp"
#include "../messaging/inbox.hpp"
#include "../messaging/message.hpp"
#include "../messaging/recipient.hpp"
#include "../runtime/core/export.hpp"
#include "../runtime/tasks/handle.hpp"
#include "ref.hpp"

#include <boost/smart_ptr/intrusive_ptr.hpp>

#include <concepts>
#include <stdexcept>

namespace greenroom {

/// A message came to an actor that does not override receive().
class GREENROOM_API NotImplementedError : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

class GREENROOM_API Actor : public Recipient {
 public:
  Actor() = default;
  /// With a bounded inbox, or another high-water mark.
  explicit Actor(const InboxLimits& limits) : Recipient(limits) {}

 protected:
  /// Handles a message. May park. What it throws fails the actor: the same
  /// exception is thrown to an asker, those who wait for the end hear why, and
  /// the messages in the inbox become dead letters.
  /// The default throws NotImplementedError.
  void receive(Message& message) override;

  /// on_start() runs before the first message, in the actor's own greenlet: may
  /// park. What it throws fails the actor, and on_stop() does not run then.
  using Recipient::on_start;

  /// on_stop(const ExitReason& reason) runs after the last message, once,
  /// however the actor ends: stopped, killed or failed. In the actor's own
  /// greenlet: may park. Does not run if on_start() did not return.
  using Recipient::on_stop;

  /// Ends this actor after the message in hand.
  void stop() noexcept { request_stop(); }

  /// Its own address, to give to others.
  [[nodiscard]] ActorRef self() const noexcept { return ActorRef(address()); }
};

/// Spawning an actor in a Group or Pool returns its Ref.
template <std::derived_from<Actor> A>
struct HandleOf<A> {
  /// The address of this actor.
  static Ref<A> of(const boost::intrusive_ptr<A>& actor) {
    return Ref<A>(ActorRef(actor->address()));
  }
};

}  // namespace greenroom
