// An Inbox is the queue of messages that wait for one receiver.
//
// Thread rule: owning hub only; messages from elsewhere come through the door.
// Order: first in, first out.
#pragma once

#include "message_cell.hpp"

#include <cstddef>
#include <cstdint>

namespace greenroom {

/// What happens to a message for a full inbox.
enum class WhenFull : std::uint8_t {
  park_sender,  ///< the sender waits for a place; nobody else does
  drop_newest,  ///< the message becomes a dead letter
  drop_oldest,  ///< the oldest one becomes a dead letter, this one goes in
  fail,         ///< send() throws InboxFull
};

/// How many messages may wait for an actor, and what happens to more.
struct InboxLimits {
  /// As a capacity: any number.
  static constexpr std::size_t unbounded = 0;
  /// How many messages may wait, besides the one in hand; 0: any number.
  std::size_t capacity = unbounded;
  /// What happens to a message for a full inbox.
  WhenFull when_full = WhenFull::park_sender;
  /// If more wait than this, a warning is printed, once per type of actor.
  std::size_t high_water = 100'000;
};

class Inbox {
 public:
  Inbox() = default;
  Inbox(const Inbox&) = delete;
  Inbox& operator=(const Inbox&) = delete;

  /// True: no message waits.
  [[nodiscard]] bool empty() const noexcept { return first_ == nullptr; }
  /// How many messages wait.
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

  /// True if the limits must be looked at before push().
  [[nodiscard]] bool is_at_limit() const noexcept { return size_ >= alert_at_; }
  /// From this size on, is_at_limit().
  void set_alert(std::size_t size) noexcept {
    alert_at_ = static_cast<std::uint32_t>(size);
  }

  /// Puts a message at the end, whatever the limits.
  void push(Message& message) noexcept {
    message.next_ = nullptr;
    if (first_ == nullptr)
      first_ = &message;
    else
      last_->next_ = &message;
    last_ = &message;
    ++size_;
  }

  /// Takes the oldest message out. There must be one.
  Message& pop() noexcept {
    Message& message = *first_;
    first_ = message.next_;
    --size_;
    return message;
  }

 private:
  Message* first_ = nullptr;
  Message* last_ = nullptr;  // meaningless while empty
  std::uint32_t size_ = 0;
  std::uint32_t alert_at_ = 100'000;
};

}  // namespace greenroom
