// The PostOffice of a hub knows its recipients by address and hands messages
// over: to one of its own at once, to another hub's through that hub's door.
//
// It outlives its hub, so that generations go on where they were and an old
// address is recognised for ever.
//
// Thread rule: send() and the counters: any thread. The rest: the hub's thread.
// Order: messages from one sender to one receiver arrive in the order in which
// they were sent, also across hubs.
#pragma once

#include "../runtime/core/export.hpp"
#include "../runtime/core/hub.hpp"
#include "address.hpp"
#include "message_cell.hpp"
#include "recipient.hpp"
#include "slot_table.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace greenroom {

/// An ask cannot be answered: the actor has ended, or ended before it answered.
class GREENROOM_API ActorUnreachable : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A message that reached nobody, as subscribers see it.
struct DeadLetter {
  /// Whom it was for.
  Address to;
  /// Gone when the subscriber returns.
  const Message& message;
  /// "it has ended", for example.
  const char* why;
};

namespace detail {

struct Request;

/// Where the answer to an ask arrives: in the frame of the asker.
class GREENROOM_API ReplyBox {
 public:
  /// Takes the answer, a value of this type, by moving from it. Called once.
  virtual void put(const MessageType& type, void* payload) noexcept = 0;

 protected:
  ReplyBox() = default;
  ReplyBox(const ReplyBox&) = default;
  ReplyBox& operator=(const ReplyBox&) = default;
  ~ReplyBox() = default;
};

}  // namespace detail

class GREENROOM_API PostOffice {
 public:
  /// The calling thread's; if there is none, makes one, and a hub.
  [[nodiscard]] static PostOffice& here() {
    return mine_ != nullptr ? *mine_ : open();
  }
  /// Of a hub that exists or existed; null if no hub ever had this number.
  [[nodiscard]] static PostOffice* of(HubId id) noexcept;

  /// Any thread: delivers `message` to `to`. If the receiver's inbox is
  /// bounded, may park the current greenlet, or throw InboxFull.
  static void send(const Address& to, Message& message) {
    if (mine_ != nullptr && to.route() == mine_->id_) [[likely]]
      mine_->deliver(to, message);
    else
      send_elsewhere(to, message);
  }

  /// Any thread: as send(), but moves an answer for an asker of the calling
  /// thread's hub straight into the asker's frame, without a message.
  template <class T>
  static void answer(const Address& to, T&& value) {
    using V = std::decay_t<T>;
    if (mine_ == nullptr || !to.is_reply() || to.hub() != mine_->id_) {
      send(to, make_message(std::forward<T>(value), current_sender()));
      return;
    }
    V payload(std::forward<T>(value));
    mine_->put_reply(to, detail::message_type<V>, &payload);
  }

  /// Any thread: the recipient that runs here; nobody if none does.
  [[nodiscard]] static Address current_sender() noexcept {
    if (mine_ == nullptr) return {};
    const Greenlet* running = mine_->hub_->running();
    if (running == nullptr || !running->owns_inbox()) return {};
    return static_cast<const Recipient*>(running)->address();
  }

  /// Any thread: asks a recipient to stop.
  static void stop(const Address& to);
  /// Any thread: kills a recipient with `what`.
  static void kill(const Address& to, std::exception_ptr what);
  /// Any thread: asks a recipient to answer `watcher` with its ExitReason once
  /// it has ended.
  static void watch(const Address& to, const Address& watcher);

  /// For an ask: after `deadline` the message is no longer handled.
  static void set_deadline(Message& message, TimePoint deadline) noexcept {
    message.deadline_ = deadline;
    message.flags_.has_deadline = true;
  }

  // For recipients and askers of this hub.

  /// Gives a recipient of this hub an address. `wants_receipt`: its inbox is
  /// bounded.
  [[nodiscard]] Address add(Recipient& recipient, bool wants_receipt);
  /// A recipient of this hub has ended: its address is nobody's from now on.
  void remove(const Address& address) noexcept;
  /// The recipient of this hub that has this address; null if it has ended.
  [[nodiscard]] Recipient* find(const Address& address) const noexcept {
    return recipients_.find(address.slot(), address.generation());
  }
  /// As add(), for an asker of this hub.
  [[nodiscard]] Address add_reply(detail::ReplyBox& box);
  /// The box of that address is now here.
  void move_reply(const Address& address, detail::ReplyBox& box) noexcept;
  /// As remove(), for an asker.
  void remove_reply(const Address& address) noexcept;

  /// The answer that tells the asker: `to` will not handle its message.
  [[nodiscard]] static Failure unreachable(const Address& to,
                                           const Message& message,
                                           const char* why);

  /// Disposes of a message that reaches nobody: counts it, tells subscribers,
  /// and the asker if it is an ask.
  static void bury(const Address& to, Message& message,
                   const char* why) noexcept;

  /// From now on runs `call` on the hub's thread for each dead letter there.
  /// `call` must not park.
  void subscribe_to_dead_letters(std::function<void(const DeadLetter&)> call);

  /// Any thread: how many messages for this hub's recipients reached nobody.
  [[nodiscard]] std::uint64_t dead_letters() const noexcept;
  /// Any thread: how many answers came when nobody waited for them any more.
  [[nodiscard]] std::uint64_t late_replies() const noexcept;
  /// How many recipients live here.
  [[nodiscard]] std::size_t population() const noexcept {
    return recipients_.size();
  }
  /// Asks all recipients to stop.
  void stop_everybody() noexcept;
  /// Kills all recipients. Does not wait for their end.
  void kill_everybody() noexcept;
  /// Parks until no recipient lives here; false if `limit` passes first.
  bool wait_until_empty(Duration limit);

  /// For the hub with this number; here() makes them.
  explicit PostOffice(HubId id) noexcept : id_(id) {}
  PostOffice(const PostOffice&) = delete;
  PostOffice& operator=(const PostOffice&) = delete;

 private:
  friend class Message;

  static PostOffice& open();
  void close() noexcept;
  void forget_all_but(const Address& survivor);
  static void arrived(Message& message) noexcept;
  static void send_elsewhere(const Address& to, Message& message);
  static void send_for_receipt(const Address& to, Message& message);
  static void request(const Address& to, detail::Request what);

  void deliver(const Address& to, Message& message) {
    if (to.is_reply()) [[unlikely]] {
      deliver_reply(to, message);
      return;
    }
    Recipient* recipient = find(to);
    if (recipient == nullptr) [[unlikely]] {
      bury(to, message, "it has ended");
      return;
    }
    recipient->accept(message);
  }
  void deliver_reply(const Address& to, Message& message) noexcept;
  void put_reply(const Address& to, const detail::MessageType& type,
                 void* payload) noexcept;
  void deliver_request(const Address& to, Message& message) noexcept;

  // const after construction
  const HubId id_;

  // the hub's thread
  const Hub* hub_ = nullptr;
  detail::SlotTable<Recipient> recipients_;
  detail::SlotTable<detail::ReplyBox> replies_;
  std::vector<std::function<void(const DeadLetter&)>> subscribers_;
  WaitList wait_for_empty_;

  // any thread; relaxed: counters, nothing is published by them
  std::atomic<std::uint64_t> dead_letters_{0};
  std::atomic<std::uint64_t> late_replies_{0};

  GREENROOM_NEAR static thread_local constinit PostOffice* mine_;
};

}  // namespace greenroom
