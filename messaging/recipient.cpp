#include "recipient.hpp"

#include "../runtime/core/label.hpp"
#include "post_office.hpp"
#include "requests.hpp"

#include <cstdio>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace greenroom {
namespace {

constexpr WaitReason kWaitsForPlace{"a place in an inbox"};

ExitReason::Kind kind_of(const std::exception_ptr& why) {
  try {
    std::rethrow_exception(why);
  } catch (const GreenletExit&) {
    return ExitReason::Kind::killed;
  } catch (...) {
    return ExitReason::Kind::failed;
  }
}

}  // namespace

// A message that waits for a place, and with it its sender: here, or on another
// hub, where it waits for a receipt.
class Recipient::ParkedSend final : public WaitNode {
 public:
  ParkedSend(Message& message, const Address& receipt)
      : message_(&message), receipt_(receipt) {}
  ~ParkedSend() {
    // The sender was killed before there was a place.
    if (message_ != nullptr) message_->dispose();
  }

  void set_waiter(Waiter& waiter) noexcept { waiter_ = &waiter; }

  /// False: the sender was killed, and takes its message back when it runs.
  [[nodiscard]] bool still_waits() const noexcept {
    return waiter_ == nullptr || waiter_->is_waiting();
  }

  /// There is a place.
  void let_in(Recipient& recipient) noexcept {
    recipient.take_in(*std::exchange(message_, nullptr));
    notified();
  }
  /// There will be none.
  void turn_away(const Address& to) noexcept {
    PostOffice::bury(to, *std::exchange(message_, nullptr), "it has ended");
    notified();
  }

 private:
  void notified() noexcept override {
    if (waiter_ != nullptr) {
      waiter_->notified();
      return;
    }
    PostOffice::answer(receipt_, detail::Receipt{});
    delete this;
  }

  Message* message_;
  const Address receipt_;     // nobody: the sender is here
  Waiter* waiter_ = nullptr;  // of the sender, if it is here
};

struct Recipient::Limits {
  InboxLimits inbox;
  std::vector<Address> watchers;
  // ParkedSends, oldest first.
  boost::intrusive::list<ParkedSend, boost::intrusive::base_hook<WaitNode>,
                         boost::intrusive::constant_time_size<false>>
      parked;
};

Recipient::Recipient() {
  mark_inbox_owner();
  address_ = PostOffice::here().add(*this, false);
}

Recipient::Recipient(const InboxLimits& limits)
    : limits_(std::make_unique<Limits>()) {
  mark_inbox_owner();
  limits_->inbox = limits;
  const bool bounded = limits.capacity != InboxLimits::unbounded;
  inbox_.set_alert(bounded ? std::min(limits.capacity, limits.high_water)
                           : limits.high_water);
  const bool answers = bounded && (limits.when_full == WhenFull::park_sender ||
                                   limits.when_full == WhenFull::fail);
  address_ = PostOffice::here().add(*this, answers);
}

Recipient::~Recipient() {
  // The constructor of a derived class threw, or nobody has started it.
  if (state() == State::created) vacate({});
}

// Type and address, the address as in to_string(), which allocates.
void Recipient::write_default_name(detail::Label& label) const noexcept {
  label.set_type(typeid(*this).name());
  label << "hub" << address_.hub() << "/" << address_.slot() << "."
        << (address_.generation() & ~Address::kReceiptBit);
}

std::string Recipient::details() const {
  std::string text = "inbox " + std::to_string(inbox_.size());
  if (in_hand_ != nullptr) text += ", handles " + in_hand_->type_name();
  return text;
}

std::string Recipient::describe() const {
  std::string text = name() + ", inbox " + std::to_string(inbox_.size());
  if (const Waiting* wait = waiting(); wait != nullptr)
    text += std::string(", waits for ") + wait->reason->what;
  else if (in_hand_ != nullptr)
    text += ", handles " + in_hand_->type_name();
  return text;
}

// ---- accepting

bool Recipient::is_full() const noexcept {
  return limits_ != nullptr &&
         limits_->inbox.capacity != InboxLimits::unbounded &&
         inbox_.size() >= limits_->inbox.capacity;
}

std::exception_ptr Recipient::inbox_full() const {
  return std::make_exception_ptr(
      InboxFull("the inbox of " + name() + " is full (" +
                std::to_string(limits_->inbox.capacity) + ")"));
}

void Recipient::accept_at_limit(Message& message) {
  const std::size_t high_water =
      limits_ == nullptr ? InboxLimits{}.high_water : limits_->inbox.high_water;
  if (inbox_.size() >= high_water) warn_about_high_water();
  // A message to oneself is never made to wait: nobody would ever take it.
  if (!is_full() || hub().running() == this) {
    take_in(message);
    return;
  }
  switch (limits_->inbox.when_full) {
    case WhenFull::drop_newest:
      PostOffice::bury(address_, message, "its inbox is full");
      return;
    case WhenFull::drop_oldest:
      PostOffice::bury(address_, inbox_.pop(), "its inbox is full");
      take_in(message);
      return;
    case WhenFull::fail:
      message.dispose();
      std::rethrow_exception(inbox_full());
    case WhenFull::park_sender:
      break;
  }
  if (hub().running() == nullptr) {
    // A callback of the hub cannot wait.
    take_in(message);
    return;
  }
  ParkedSend parked(message, {});
  Waiter waiter(kWaitsForPlace, this);
  parked.set_waiter(waiter);
  limits_->parked.push_back(parked);
  has_parked_senders_ = true;
  waiter.park();
}

void Recipient::accept_for_receipt(Message& message, const Address& receipt) {
  if (is_full() && limits_->inbox.when_full == WhenFull::fail) {
    message.dispose();
    PostOffice::answer(receipt, Failure{inbox_full()});
    return;
  }
  if (is_full()) {
    limits_->parked.push_back(*new ParkedSend(message, receipt));
    has_parked_senders_ = true;
    return;
  }
  take_in(message);
  PostOffice::answer(receipt, detail::Receipt{});
}

void Recipient::let_parked_senders_in() noexcept {
  while (!is_full() && !limits_->parked.empty()) {
    ParkedSend& next = limits_->parked.front();
    limits_->parked.pop_front();
    if (next.still_waits()) next.let_in(*this);
  }
  has_parked_senders_ = !limits_->parked.empty();
}

void Recipient::warn_about_high_water() {
  // Once per type and hub; the next look is at the bound, or at twice the size.
  thread_local std::set<std::string> warned;
  const bool bounded =
      limits_ != nullptr && limits_->inbox.capacity != InboxLimits::unbounded;
  inbox_.set_alert(bounded ? limits_->inbox.capacity : inbox_.size() * 2);
  if (!warned.insert(typeid(*this).name()).second) return;
  std::fprintf(stderr,
               "greenroom: %s: more messages wait than its high-water mark; a "
               "bound would slow down the senders (InboxLimits)\n",
               describe().c_str());
}

// ---- handling

// What arrives while the batch runs waits for the next one.
[[gnu::always_inline]] inline void Recipient::handle_batch() {
  std::size_t left = std::min<std::size_t>(inbox_.size(), kBatch);
  while (!needs_attention() || attend()) {
    if (left-- == 0 || inbox_.empty()) return;
    Message& message = inbox_.pop();
    if (has_parked_senders_) [[unlikely]]
      let_parked_senders_in();
    if (message.flags_.has_deadline && hub().now() > message.deadline_)
        [[unlikely]] {
      PostOffice::bury(address_, message, "its deadline has passed");
      continue;
    }
    in_hand_ = &message;
    receive(message);
    if (in_hand_ == nullptr) continue;  // refused
    in_hand_ = nullptr;
    message.dispose();
  }
}

void Recipient::dispatch() noexcept {
  try {
    if (has_begun_) [[likely]] {
      handle_batch();
    } else {
      on_start();
      has_begun_ = true;
    }
    if (!stops_) [[likely]] {
      if (inbox_.empty() && !needs_attention())
        rest();
      else
        hub().make_ready(*this);
      return;
    }
    close({ExitReason::Kind::stopped, nullptr});
  } catch (...) {
    const std::exception_ptr why = std::current_exception();
    if (in_hand_ != nullptr) {
      Message& message = *std::exchange(in_hand_, nullptr);
      // A kill is the actor's: the asker must not take it for its own.
      if (message.is_ask())
        PostOffice::answer(
            message.sender_,
            kind_of(why) == ExitReason::Kind::killed
                ? PostOffice::unreachable(address_, message, "it was killed")
                : Failure{why});
      message.dispose();
    }
    close({kind_of(why), why});
  }
  intrusive_ptr_release(this);
}

// Before a message: what goes before all messages. False if it is to stop.
bool Recipient::attend() {
  if (has_interrupt()) throw_interrupt();
  if (stops_) return false;
  clear_attention();  // what called for it was caught or withdrawn
  return true;
}

void Recipient::refuse(const char* why) noexcept {
  PostOffice::bury(address_, *std::exchange(in_hand_, nullptr), why);
}

// ---- ending

void Recipient::request_stop() noexcept {
  stops_ = true;
  set_attention();
  if (state() == State::resting) hub().make_ready(*this);
}

void Recipient::end_unbegun(std::exception_ptr why) noexcept {
  close({kind_of(why), why});
}

void Recipient::watch(const Address& watcher) {
  if (limits_ == nullptr) limits_ = std::make_unique<Limits>();
  limits_->watchers.push_back(watcher);
}

void Recipient::close(const ExitReason& reason) noexcept {
  ExitReason final_reason = reason;
  if (std::exchange(has_begun_, false)) {
    try {
      on_stop(reason);
    } catch (...) {
      const std::exception_ptr why = std::current_exception();
      final_reason = {kind_of(why), why};
    }
  }
  vacate(final_reason);
  const bool somebody_knows = limits_ != nullptr && !limits_->watchers.empty();
  finish(final_reason.what, somebody_knows);
}

// Nobody lives here any more: gives up the address and tells all who wait.
void Recipient::vacate(const ExitReason& reason) noexcept {
  PostOffice::here().remove(address_);
  while (!inbox_.empty())
    PostOffice::bury(address_, inbox_.pop(), "it has ended");
  if (limits_ != nullptr) {
    while (!limits_->parked.empty()) {
      ParkedSend& next = limits_->parked.front();
      limits_->parked.pop_front();
      if (next.still_waits()) next.turn_away(address_);
    }
    for (const Address& watcher : limits_->watchers)
      PostOffice::answer(watcher, reason);
  }
}

}  // namespace greenroom
