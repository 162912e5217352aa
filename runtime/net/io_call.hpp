// What the calls of read(2)'s kind have in common, whatever it is that they
// read or write.
//
// Thread rule: owning hub only.
#pragma once

#include "greenroom/runtime/net/descriptor.hpp"
#include "greenroom/runtime/net/time_left.hpp"

#include <sys/types.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <system_error>

namespace greenroom::detail {

inline std::error_code last_error() noexcept {
  return {errno, std::generic_category()};
}

/// Does what `try_it` does as soon as that does not block: what it has
/// returned. 0 with an error if it fails, and std::errc::timed_out after
/// `limit`. Others may be faster once it is ready, so that the limit may be for
/// several waits.
template <class Try>
std::size_t when_ready(net::Descriptor& descriptor, net::Direction direction,
                       Duration limit, std::error_code& error, Try try_it) {
  std::optional<TimeLeft> left;
  for (;;) {
    const ssize_t count = try_it();
    if (count >= 0) {
      error.clear();
      return static_cast<std::size_t>(count);
    }
    if (errno == EINTR) continue;
    if (errno != EAGAIN) {
      error = last_error();
      return 0;
    }
    if (!left) left.emplace(limit);
    try {
      if (descriptor.wait(direction, left->get())) continue;
      error = std::make_error_code(std::errc::timed_out);
    } catch (const std::system_error& closed) {
      error = closed.code();
    }
    return 0;
  }
}

/// Pieces to write, as the system wants them: as many as fit, the rest follows
/// with the next call.
class IoParts {
 public:
  explicit IoParts(std::span<const std::string_view> pieces) noexcept
      : count_(std::min(pieces.size(), parts_.size())) {
    for (std::size_t i = 0; i < count_; ++i)
      parts_[i] = {const_cast<char*>(pieces[i].data()), pieces[i].size()};
  }

  [[nodiscard]] iovec* data() noexcept { return parts_.data(); }
  [[nodiscard]] std::size_t size() const noexcept { return count_; }

 private:
  std::array<iovec, 16> parts_;
  std::size_t count_;
};

}  // namespace greenroom::detail
