// Which greenroom this is. The version is written here and nowhere else:
// CMakeLists.txt reads it.
//
// Thread rule: any thread.
#pragma once

#include "export.hpp"

#include <string_view>

namespace greenroom {

/// The version of these headers. A program keeps the one that it was compiled
/// with.
inline constexpr std::string_view kVersion = "0.2.0";

/// Its first two numbers: versions that share them work together.
#define GREENROOM_SERIES 0_2

/// The version of the library that runs. It differs from kVersion if another
/// libgreenroom.so was found at run time. Does not park.
[[nodiscard]] GREENROOM_API std::string_view version() noexcept;

}  // namespace greenroom
