#include "recipient.hpp"

#include "../runtime/core/label.hpp"
#include "post_office.hpp"
#include "requests.hpp"

#include <algorithm>
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

std::string text_of_depth(std::size_t inbox_size) {
  return "inbox " + std::to_string(inbox_size);
}

}  // namespace

// What only some recipients have; made when first needed.
struct Recipient::Extras {
  InboxLimits limits;
  std::vector<Address> watchers;
  WaitList parked;         // senders that wait for a place, oldest first
  bool has_ended = false;  // there will be no place any more
};

// A message that waits for a place in an inbox.
class Recipient::ParkedSend {
 public:
  ParkedSend(Recipient& to, Message& message) : to_(to), message_(&message) {}
  ParkedSend(const ParkedSend&) = delete;
  ParkedSend& operator=(const ParkedSend&) = delete;

 protected:
  ~ParkedSend() {
    // The sender was killed before there was a place.
    if (message_ != nullptr) message_->dispose();
  }

  /// There is a place, or there will be none.
  void let_go() noexcept {
    Message& message = *std::exchange(message_, nullptr);
    if (to_.extras_->has_ended)
      PostOffice::bury(to_.address_, message, "it has ended");
    else
      to_.take_in(message);
  }

 private:
  Recipient& to_;
  Message* message_;
};

// Its sender is here, and parked.
class Recipient::SendFromHere final : public Waiter, public ParkedSend {
 public:
  SendFromHere(Recipient& to, Message& message)
      : Waiter(kWaitsForPlace, &to), ParkedSend(to, message) {}

 private:
  void notified() noexcept override {
    let_go();
    Waiter::notified();
  }
};

// Its sender is on another hub, where it waits for a receipt.
class Recipient::SendFromElsewhere final : public WaitNode, public ParkedSend {
 public:
  SendFromElsewhere(Recipient& to, Message& message, const Address& receipt)
      : ParkedSend(to, message), receipt_(receipt) {}

 private:
  void notified() noexcept override {
    let_go();
    PostOffice::answer(receipt_, detail::Receipt{});
    delete this;
  }

  const Address receipt_;
};

Recipient::Recipient() {
  mark_inbox_owner();
  address_ = PostOffice::here().add(*this, false);
}

Recipient::Recipient(const InboxLimits& limits)
    : extras_(std::make_unique<Extras>()) {
  mark_inbox_owner();
  extras_->limits = limits;
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
        << address_.bare_generation();
}

std::string Recipient::details() const {
  std::string text = text_of_depth(inbox_.size());
  if (in_hand_ != nullptr) text += ", handles " + in_hand_->type_name();
  return text;
}

std::string Recipient::describe() const {
  const Waiting* wait = waiting();
  if (wait == nullptr) return name() + ", " + details();
  return name() + ", " + text_of_depth(inbox_.size()) + ", waits for " +
         wait->reason->what;
}

// ---- accepting

bool Recipient::is_full() const noexcept {
  return extras_ != nullptr &&
         extras_->limits.capacity != InboxLimits::unbounded &&
         inbox_.size() >= extras_->limits.capacity;
}

std::exception_ptr Recipient::inbox_full() const {
  return std::make_exception_ptr(
      InboxFull("the inbox of " + name() + " is full (" +
                std::to_string(extras_->limits.capacity) + ")"));
}

void Recipient::accept_at_limit(Message& message) {
  const std::size_t high_water = extras_ == nullptr
                                     ? InboxLimits{}.high_water
                                     : extras_->limits.high_water;
  if (inbox_.size() >= high_water) warn_about_high_water();
  // A message to oneself never waits: nobody would ever take it out.
  if (!is_full() || hub().running() == this) {
    take_in(message);
    return;
  }
  switch (extras_->limits.when_full) {
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
  SendFromHere send(*this, message);
  extras_->parked.add(send);
  has_parked_senders_ = true;
  send.park();
}

void Recipient::accept_for_receipt(Message& message, const Address& receipt) {
  if (is_full() && extras_->limits.when_full == WhenFull::fail) {
    message.dispose();
    PostOffice::answer(receipt, Failure{inbox_full()});
    return;
  }
  if (is_full()) {
    extras_->parked.add(*new SendFromElsewhere(*this, message, receipt));
    has_parked_senders_ = true;
    return;
  }
  take_in(message);
  PostOffice::answer(receipt, detail::Receipt{});
}

void Recipient::let_parked_senders_in() noexcept {
  while (!is_full() && extras_->parked.notify_one()) {
  }
  has_parked_senders_ = !extras_->parked.empty();
}

void Recipient::warn_about_high_water() {
  // Warns once per type and hub. Looks again at the bound, or at twice the
  // size.
  thread_local std::set<std::string> warned;
  const bool bounded =
      extras_ != nullptr && extras_->limits.capacity != InboxLimits::unbounded;
  inbox_.set_alert(bounded ? extras_->limits.capacity : inbox_.size() * 2);
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
      // The kill was for the actor: the asker must not take it for its own.
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

// Runs before the next message: throws what interrupts the recipient. False if
// it is to stop.
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
  if (extras_ == nullptr) extras_ = std::make_unique<Extras>();
  extras_->watchers.push_back(watcher);
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
  const bool somebody_knows = extras_ != nullptr && !extras_->watchers.empty();
  finish(final_reason.what, somebody_knows);
}

// Nobody lives here any more: gives up the address and tells all who wait.
void Recipient::vacate(const ExitReason& reason) noexcept {
  PostOffice::here().remove(address_);
  while (!inbox_.empty())
    PostOffice::bury(address_, inbox_.pop(), "it has ended");
  if (extras_ != nullptr) {
    // Burying runs user code, which cannot come back: the address is gone.
    extras_->has_ended = true;
    extras_->parked.notify_all();
    for (const Address& watcher : extras_->watchers)
      PostOffice::answer(watcher, reason);
  }
}

}  // namespace greenroom
