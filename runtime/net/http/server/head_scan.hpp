// An HttpHeadScan finds the end of a request's head while it arrives in pieces,
// and refuses it at the first wrong line: what it lets pass, every other server
// would read in the same way (RFC 9112, 2.2 and 11.2).
//
// Thread rule: owning hub only.
#pragma once

#include "../../../core/export.hpp"
#include "limits.hpp"

#include <cstddef>
#include <string_view>

namespace greenroom::detail {

/// The length of the empty lines at the beginning of `text`. Some clients send
/// one behind a body; it does not belong to the next request.
[[nodiscard]] GREENROOM_API std::size_t skip_empty_lines(
    std::string_view text) noexcept;

class GREENROOM_API HttpHeadScan {
 public:
  explicit HttpHeadScan(const http::Limits& limits) noexcept
      : limits_(limits) {}

  /// The length of the head at the beginning of `input`, with the empty line
  /// that ends it and those before it. 0: its end is not there yet; then call
  /// again with the same and more behind it.
  /// Throws HttpError: 400, 414, 431, 505.
  std::size_t find_end(std::string_view input);

 private:
  void take_line(std::string_view line);
  void check_size(std::string_view input) const;

  // const after construction
  const http::Limits& limits_;

  // owning hub only
  std::size_t line_ = 0;       // where the current line begins
  std::size_t looked_at_ = 0;  // the current line does not end before this
  std::size_t lines_ = 0;      // that have ended
};

}  // namespace greenroom::detail
