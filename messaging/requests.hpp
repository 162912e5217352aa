// What one hub asks of another hub's recipient. A request travels as a system
// message and is acted on when it arrives, before all user messages.
//
// Each request knows what it does when it reaches its recipient, and what when
// it reaches nobody: whoever waits for an answer gets one.
//
// Thread rule: values, any thread; reach() on the recipient's hub.
#pragma once

#include "../runtime/core/export.hpp"
#include "address.hpp"

#include <exception>
#include <variant>

namespace greenroom {

class Message;
class Recipient;

namespace detail {

struct StopRequest {
  void reach(Recipient& recipient) noexcept;
  void reach_nobody(const Address& to, const char* why) noexcept;
};

struct KillRequest {
  void reach(Recipient& recipient) noexcept;
  void reach_nobody(const Address& to, const char* why) noexcept;

  std::exception_ptr what;
};

/// Tells `watcher` how the recipient ended, once it has.
struct WatchRequest {
  void reach(Recipient& recipient) noexcept;
  void reach_nobody(const Address& to, const char* why) noexcept;

  Address watcher;
};

/// Brings a message to a bounded inbox, and answers `receipt` when it is in.
struct Delivery {
  void reach(Recipient& recipient) noexcept;
  void reach_nobody(const Address& to, const char* why) noexcept;

  Message* message;
  Address receipt;
};

/// The answer to a Delivery.
struct GREENROOM_API Receipt {};

/// The payload of a system message.
struct Request {
  void reach(Recipient& recipient) noexcept;
  void reach_nobody(const Address& to, const char* why) noexcept;

  std::variant<StopRequest, KillRequest, WatchRequest, Delivery> what;
};

}  // namespace detail
}  // namespace greenroom
