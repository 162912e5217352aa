// A Recipient is a greenlet that owns an inbox: it is scheduled when messages
// arrive, handles a batch, and holds no stack in between. Actors are
// recipients.
//
// Thread rule: owning hub only; everybody else reaches it through an ActorRef.
// Order: messages are handled in the order of arrival, one at a time; requests
// to stop or to be killed never wait behind them.
#pragma once

#include "../runtime/core/export.hpp"
#include "../runtime/core/greenlet.hpp"
#include "../runtime/core/hub.hpp"
#include "exit_reason.hpp"
#include "inbox.hpp"
#include "message_cell.hpp"

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>

namespace greenroom {

namespace detail {
struct StopRequest;
struct WatchRequest;
struct Delivery;
}  // namespace detail

/// send() found the actor's inbox full, and the policy is WhenFull::fail.
class GREENROOM_API InboxFull : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class GREENROOM_API Recipient : public Greenlet {
 public:
  ~Recipient() override;

  /// What others send to.
  [[nodiscard]] const Address& address() const noexcept { return address_; }
  /// How many messages wait, besides the one in hand.
  [[nodiscard]] std::size_t inbox_size() const noexcept {
    return inbox_.size();
  }
  /// "dbms::Store(hub0/7.1), inbox 12, waits for a reply": for reports.
  [[nodiscard]] std::string describe() const;

 protected:
  /// Takes an address, and is scheduled once for on_start().
  Recipient();
  /// With a bounded inbox, or another high-water mark.
  explicit Recipient(const InboxLimits& limits);

  // The hooks run in the greenlet and may park. What they throw fails the
  // recipient.

  /// Runs first.
  virtual void on_start() {}
  /// Runs for each message.
  virtual void receive(Message& message) = 0;
  /// Runs last, if on_start() returned.
  virtual void on_stop(const ExitReason& reason) { (void)reason; }

  /// Handles no more messages after the one in hand.
  void request_stop() noexcept;

  /// Makes the message in hand, which is not understood, a dead letter.
  void refuse(const char* why) noexcept;

  void write_default_name(detail::Label& label) const noexcept override;
  [[nodiscard]] std::string details() const override;

 private:
  friend class PostOffice;
  friend struct detail::StopRequest;
  friend struct detail::WatchRequest;
  friend struct detail::Delivery;

  class ParkedSend;
  class SendFromHere;
  class SendFromElsewhere;
  struct Extras;

  // At most this many messages in a row; then others have their turn.
  static constexpr int kBatch = 64;

  void accept(Message& message) {
    if (inbox_.is_at_limit()) [[unlikely]] {
      accept_at_limit(message);
      return;
    }
    take_in(message);
  }
  void take_in(Message& message) noexcept {
    inbox_.push(message);
    if (state() == State::resting) [[likely]]
      hub().make_ready(*this);
  }
  void accept_at_limit(Message& message);
  void accept_for_receipt(Message& message, const Address& receipt);
  void warn_about_high_water();
  [[nodiscard]] bool is_full() const noexcept;
  void let_parked_senders_in() noexcept;
  [[nodiscard]] std::exception_ptr inbox_full() const;

  void run() final {}
  void dispatch() noexcept final;
  void handle_batch();
  bool attend();
  void interrupted_at_rest() noexcept final { hub().make_ready(*this); }
  void end_unbegun(std::exception_ptr why) noexcept final;
  void close(const ExitReason& reason) noexcept;
  void vacate(const ExitReason& reason) noexcept;
  void watch(const Address& watcher);

  // const after construction
  Address address_;

  // owning hub only
  Inbox inbox_;
  Message* in_hand_ = nullptr;
  std::unique_ptr<Extras> extras_;  // limits of the inbox, watchers
  bool has_begun_ = false;          // on_start() returned
  bool stops_ = false;              // request_stop() was called
  bool has_parked_senders_ = false;
};

}  // namespace greenroom
