// What one hub asks of another hub's recipients: it travels as a system message
// and is acted on when it arrives, before all user messages.
//
// Thread rule: values; any thread.
#pragma once

#include "address.hpp"

#include <exception>

namespace greenroom {

class Message;

namespace detail {

struct StopRequest {};

struct KillRequest {
  std::exception_ptr what;
};

/// Tell this address how it ended, once it has.
struct WatchRequest {
  Address watcher;
};

/// A message for a bounded inbox: answer when it is in.
struct Delivery {
  Message* message;
  Address receipt;
};

/// The answer to a Delivery.
struct Receipt {};

}  // namespace detail
}  // namespace greenroom
