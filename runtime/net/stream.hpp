// A Stream carries bytes both ways: a socket, plain or encrypted, or a pipe.
//
// Thread rule: owning hub only. One greenlet may read while another writes.
// Every call tries first and parks only if it would block.
// Kill and Timeout: throw out of the call; the stream stays as it is. What was
// read or written by then stays read or written.
// Errors: each call that the outside world can make fail has a twin that gives
// the std::error_code instead of throwing std::system_error, as in Asio. Two
// greenlets in the same direction: ConcurrentObjectUseError.
#pragma once

#include "../core/clock.hpp"
#include "../core/export.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <system_error>

namespace greenroom::net {

class GREENROOM_API Stream {
 public:
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  virtual ~Stream() = default;

  /// Reads what is there, at most `buffer.size()` bytes; parks until there is
  /// something. Returns how many bytes: 0 at the end of the stream, and for an
  /// empty buffer.
  [[nodiscard]] std::size_t read_some(std::span<char> buffer);
  [[nodiscard]] std::size_t read_some(std::span<char> buffer,
                                      std::error_code& error) {
    return try_read(buffer, timeout_, error);
  }

  /// Fills the whole buffer. Returns how many bytes: fewer only at the end of
  /// the stream.
  [[nodiscard]] std::size_t read(std::span<char> buffer);
  [[nodiscard]] std::size_t read(std::span<char> buffer,
                                 std::error_code& error);

  /// Writes what there is room for; parks until there is some. Returns how many
  /// bytes.
  [[nodiscard]] std::size_t write_some(std::string_view data);
  [[nodiscard]] std::size_t write_some(std::string_view data,
                                       std::error_code& error) {
    return write_some(std::span(&data, 1), error);
  }
  /// The same for several pieces, sent as one.
  [[nodiscard]] std::size_t write_some(std::span<const std::string_view> pieces,
                                       std::error_code& error) {
    return try_write(pieces, timeout_, error);
  }

  /// Writes all of it; the limit of set_timeout() is for the whole call.
  void write(std::string_view data);
  void write(std::string_view data, std::error_code& error) {
    write(std::span(&data, 1), error);
  }
  /// The same for several pieces. Uses up `pieces`.
  void write(std::span<std::string_view> pieces);
  void write(std::span<std::string_view> pieces, std::error_code& error);

  /// Nothing more will be written: the other side reads to the end.
  void shutdown_write();
  virtual void shutdown_write(std::error_code& error) = 0;

  /// Closes both directions. Whoever waits for it fails with EBADF. Does
  /// nothing if it is closed.
  virtual void close() noexcept = 0;
  /// False after close(), and before it is opened. Says nothing of the other
  /// side.
  [[nodiscard]] virtual bool is_open() const noexcept = 0;

  /// How long a call waits in all, before it fails with std::errc::timed_out.
  /// Default: forever. (gevent's settimeout().)
  void set_timeout(Duration limit) noexcept { timeout_ = limit; }
  /// What set_timeout() has set.
  [[nodiscard]] Duration timeout() const noexcept { return timeout_; }

 protected:
  Stream() = default;
  Stream(Stream&&) = default;
  Stream& operator=(Stream&&) = default;

  /// One read, which may take `limit` in all. Reads 0 bytes only at the end of
  /// the stream, and into an empty buffer.
  virtual std::size_t try_read(std::span<char> buffer, Duration limit,
                               std::error_code& error) = 0;
  /// One write, which may take `limit` in all. Returns how many bytes.
  virtual std::size_t try_write(std::span<const std::string_view> pieces,
                                Duration limit, std::error_code& error) = 0;

 private:
  Duration timeout_ = forever;
};

}  // namespace greenroom::net
