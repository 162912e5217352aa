// An HttpHeadScan finds where the head of a request ends, while it arrives in
// pieces, and refuses it at the first line that no head has: what it has passed
// is what every other server would read the same (RFC 9112, 2.2 and 11.2).
//
// Thread rule: owning hub only.
#pragma once

#include "limits.hpp"

#include <cstddef>
#include <string_view>

namespace greenroom::detail {

/// How long the empty lines are that `text` begins with. Clients send one
/// behind a body now and then, which is none of the next request.
[[nodiscard]] std::size_t skip_empty_lines(std::string_view text) noexcept;

class HttpHeadScan {
 public:
  explicit HttpHeadScan(const http::Limits& limits) noexcept
      : limits_(limits) {}

  /// How long the head is that `input` begins with, with its empty line, and
  /// with those before it. 0: it is not there to its end; then come again with
  /// more behind the same.
  /// Throws HttpError: 400, 414, 431, 505.
  std::size_t find_end(std::string_view input);

 private:
  void take_line(std::string_view line);
  void check_size(std::string_view input) const;

  // const after construction
  const http::Limits& limits_;

  // owning hub only
  std::size_t line_ = 0;       // where the line begins that was not seen whole
  std::size_t looked_at_ = 0;  // up to there it has no end
  std::size_t lines_ = 0;      // seen whole
};

}  // namespace greenroom::detail
