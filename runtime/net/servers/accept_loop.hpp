// An AcceptLoop keeps a server accepting, whatever fails in between.
//
// Thread rule: owning hub only.
#pragma once

#include "../../core/clock.hpp"
#include "../../core/std_parts.hpp"

#include <exception>
#include <functional>
#include <string>

namespace greenroom::detail {

class AcceptLoop {
 public:
  /// Calls `accept_some`, which may park, as long as `goes_on`. What it throws
  /// is reported as a failure of `who`. If something ran out, descriptors or
  /// memory, the loop goes on after a pause: the system keeps the clients
  /// waiting meanwhile, and tells of them again. If the socket can never be
  /// served, it returns.
  void run(const std::string& who, const std::function<bool()>& goes_on,
           const std::function<void()>& accept_some);
  /// The next pause is a short one again.
  void has_accepted() noexcept;

 private:
  static constexpr Duration kFirst = std::chrono::milliseconds(10);
  static constexpr Duration kLongest = std::chrono::seconds(1);

  void pause(const std::string& who, const std::exception_ptr& why);

  Duration next_ = kFirst;
  Duration told_{};  // the pause after the last failure that was reported
};

}  // namespace greenroom::detail
