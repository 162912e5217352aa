// A Socket is a Stream that can also be read without parking: a connection,
// plain or encrypted.
//
// Thread rule and everything else: as Stream.
#pragma once

#include "../core/export.hpp"
#include "stream.hpp"

#include <cstddef>
#include <span>
#include <system_error>

namespace greenroom {

namespace detail {
class IoWatcher;
}

namespace net {

class GREENROOM_API Socket : public Stream {
 public:
  /// Reads what is there without parking: std::errc::operation_would_block if
  /// there is nothing. 0 bytes without an error: the end.
  [[nodiscard]] virtual std::size_t read_now(std::span<char> buffer,
                                             std::error_code& error) = 0;
  /// Parks until there is something to read, or the end: true; false if `limit`
  /// passes first. For use once read_now() has found nothing. Throws as
  /// Descriptor::wait(): ConcurrentObjectUseError if somebody waits already.
  virtual bool wait_read(Duration limit) = 0;
  /// For waiting without parking, once read_now() has found nothing. The socket
  /// must be open.
  [[nodiscard]] virtual greenroom::detail::IoWatcher& watcher()
      const noexcept = 0;

  /// True: it is encrypted (TLS).
  [[nodiscard]] virtual bool is_secure() const noexcept = 0;
};

}  // namespace net
}  // namespace greenroom
