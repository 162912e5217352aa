// How an actor ended.
//
// Thread rule: any thread; a value.
#pragma once

#include "../runtime/core/export.hpp"

#include <cstdint>
#include <exception>
#include <string>

namespace greenroom {

/// What those hear who wait for an actor's end.
struct GREENROOM_API ExitReason {
  /// In which way it ended.
  enum class Kind : std::uint8_t {
    stopped,  ///< stop(), by itself or by others
    killed,   ///< kill()
    failed,   ///< a handler or hook threw
    unknown,  ///< it had ended before anybody asked
  };

  /// In which way it ended.
  Kind kind = Kind::unknown;
  std::exception_ptr what;  ///< what it failed with, or was killed with

  /// `reason == ExitReason::Kind::failed`
  friend bool operator==(const ExitReason& reason, Kind expected) noexcept {
    return reason.kind == expected;
  }
};

/// "stopped", "killed", "failed with std::runtime_error: disk full", ...
[[nodiscard]] GREENROOM_API std::string to_string(const ExitReason& reason);

}  // namespace greenroom
