// What the calls of read(2)'s kind have in common, whatever it is that they
// read or write.
//
// Thread rule: owning hub only.
#pragma once

#include "descriptor.hpp"
#include "time_left.hpp"

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

/// Does what `try_it` does, which must not block: what it has returned. 0 with
/// an error if it fails.
template <class Try>
std::size_t at_once(std::error_code& error, Try try_it) {
  for (;;) {
    const ssize_t count = try_it();
    error.clear();
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno == EINTR) continue;
    error = last_error();
    return 0;
  }
}

/// Does what `try_it` does as soon as that does not block: what it has
/// returned. 0 with an error if it fails, and std::errc::timed_out after
/// `limit`. `wait` parks for so long: false if that was too short. Others may
/// be faster once it is ready, so that the limit may be for several waits.
template <class Try, class Wait>
std::size_t when_ready(Duration limit, std::error_code& error, Try try_it,
                       Wait wait) {
  std::optional<TimeLeft> left;
  for (;;) {
    const std::size_t count = at_once(error, try_it);
    if (error != std::errc::operation_would_block) return count;
    if (!left) left.emplace(limit);
    try {
      if (wait(left->get())) continue;
      error = std::make_error_code(std::errc::timed_out);
    } catch (const std::system_error& closed) {
      error = closed.code();
    }
    return 0;
  }
}

/// Of a descriptor that one greenlet waits for.
template <class Try>
std::size_t when_ready(net::Descriptor& descriptor, net::Direction direction,
                       Duration limit, std::error_code& error, Try try_it) {
  return when_ready(limit, error, try_it, [&](Duration left) {
    return descriptor.wait(direction, left);
  });
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
