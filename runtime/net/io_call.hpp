// What system calls like read(2) have in common, whatever they read or write:
// they are tried, waited for and tried again, and they can fail.
//
// Thread rule: owning hub only.
#pragma once

#include "../core/deadline.hpp"
#include "descriptor.hpp"
#include "endpoint.hpp"

#include <sys/types.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>

namespace greenroom::detail {

inline std::error_code last_error() noexcept {
  return {errno, std::generic_category()};
}

inline void throw_if(const std::error_code& error, const char* call) {
  if (error) throw std::system_error(error, call);
}

/// For a call that has just failed at this endpoint.
inline std::system_error call_failed(const char* call,
                                     const net::Endpoint& endpoint) {
  return {last_error(), std::string(call) + " " + endpoint.to_string()};
}

/// Calls `try_it`, which must not block, and returns what that returned. If it
/// fails: 0, with an error.
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

/// Calls `try_it` as soon as it does not block, and returns what that returned.
/// If it fails: 0, with an error; std::errc::timed_out after `limit`.
/// `wait(time)` parks until it is worth trying again; false if `time` passes
/// first. Another greenlet may be faster then, so there may be several waits:
/// `limit` is for all of them together.
template <class Try, class Wait>
std::size_t when_ready(Duration limit, std::error_code& error, Try try_it,
                       Wait wait) {
  std::optional<Deadline> deadline;
  for (;;) {
    const std::size_t count = at_once(error, try_it);
    if (error != std::errc::operation_would_block) return count;
    if (!deadline) deadline.emplace(limit);
    try {
      if (wait(deadline->left())) continue;
      error = std::make_error_code(std::errc::timed_out);
    } catch (const std::system_error& closed) {
      error = closed.code();
    }
    return 0;
  }
}

/// when_ready() for `read_it()`, which reads from a descriptor into `buffer`.
/// An empty buffer needs no reading: 0 at once.
template <class Read>
std::size_t read_when_ready(net::Descriptor& descriptor,
                            std::span<const char> buffer, Duration limit,
                            std::error_code& error, Read read_it) {
  if (buffer.empty()) {
    error.clear();
    return 0;
  }
  return when_ready(limit, error, read_it, [&](Duration left) {
    return descriptor.wait(net::Direction::read, left);
  });
}

/// when_ready() for `write_it(parts)`, which writes to a descriptor. The parts
/// are the pieces as the system wants them: as many as fit. The rest has to
/// follow with the next call.
template <class Write>
std::size_t write_when_ready(net::Descriptor& descriptor,
                             std::span<const std::string_view> pieces,
                             Duration limit, std::error_code& error,
                             Write write_it) {
  std::array<iovec, 16> parts;  // NOLINT(*-member-init)
  const std::size_t count = std::min(pieces.size(), parts.size());
  for (std::size_t i = 0; i < count; ++i)
    parts[i] = {const_cast<char*>(pieces[i].data()), pieces[i].size()};
  return when_ready(
      limit, error, [&] { return write_it(std::span(parts.data(), count)); },
      [&](Duration left) {
        return descriptor.wait(net::Direction::write, left);
      });
}

}  // namespace greenroom::detail
