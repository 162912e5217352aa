// How a server waits after it could not accept, for want of descriptors
// perhaps: the system goes on telling of those whom it cannot take in.
//
// Thread rule: owning hub only.
#pragma once

#include "greenroom/runtime/clock.hpp"

#include <chrono>
#include <exception>
#include <string>

namespace greenroom::detail {

class AcceptPause {
 public:
  /// Reports `why`, and parks: longer each time, up to a second. While it stays
  /// so, reports get rarer, and cease when they would be always the same.
  void after_failure(const std::string& who, const std::exception_ptr& why);
  void after_success() noexcept { *this = AcceptPause(); }

 private:
  static constexpr Duration kFirst = std::chrono::milliseconds(10);
  static constexpr Duration kLongest = std::chrono::seconds(1);

  Duration next_ = kFirst;
  Duration told_{};  // the pause after the last failure that was reported
};

}  // namespace greenroom::detail
