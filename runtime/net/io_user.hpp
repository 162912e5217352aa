// Tells a hub that somebody waits for I/O: while one does, the hub looks for
// it, and never takes its silence for the end. Lies in the frame of a greenlet
// that is parked: the child of a fork() has none.
//
// Thread rule: owning hub only.
#pragma once

#include "greenroom/runtime/hub.hpp"

namespace greenroom::detail {

class IoUser {
 public:
  explicit IoUser(Hub& hub) noexcept : hub_(hub) { hub_.add_io_user(); }
  IoUser(const IoUser&) = delete;
  IoUser& operator=(const IoUser&) = delete;
  ~IoUser() { hub_.remove_io_user(); }

 private:
  Hub& hub_;
};

}  // namespace greenroom::detail
