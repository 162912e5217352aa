// A StreamSocket is a connection of the operating system. There are two kinds:
// TcpSocket, and UnixSocket between processes of one machine.
//
// Thread rule and everything else: as Stream.
// Behaves as gevent.socket (gevent 26.5, src/gevent/_socketcommon.py).
#pragma once

#include "../core/export.hpp"
#include "descriptor_stream.hpp"
#include "endpoint.hpp"
#include "socket.hpp"

#include <span>
#include <string_view>
#include <system_error>
#include <utility>

namespace greenroom::net {

class GREENROOM_API StreamSocket
    : public greenroom::detail::DescriptorStream<Socket> {
 public:
  /// Not open.
  StreamSocket() = default;
  /// Takes over a connected socket.
  explicit StreamSocket(Descriptor descriptor) noexcept
      : DescriptorStream(std::move(descriptor)) {}
  StreamSocket(StreamSocket&&) = default;
  StreamSocket& operator=(StreamSocket&&) = default;
  ~StreamSocket() override = default;

  using Stream::shutdown_write;
  void shutdown_write(std::error_code& error) override;

  /// This end. Throws std::system_error if it is not open.
  [[nodiscard]] Endpoint local_endpoint() const {
    return Endpoint::local_of(native_handle());
  }
  /// The other end. Throws std::system_error if it is not open, or no longer
  /// connected.
  [[nodiscard]] Endpoint remote_endpoint() const {
    return Endpoint::remote_of(native_handle());
  }

  /// Parks until there is something to read, or the end: true; false if
  /// `limit` passes first. Throws as Descriptor::wait().
  bool wait_read(Duration limit = forever) override {
    return descriptor().wait(Direction::read, limit);
  }

  [[nodiscard]] std::size_t read_now(std::span<char> buffer,
                                     std::error_code& error) override;

  [[nodiscard]] greenroom::detail::IoWatcher& watcher()
      const noexcept override {
    return descriptor().watcher();
  }
  [[nodiscard]] bool is_secure() const noexcept override { return false; }

 protected:
  std::size_t try_read(std::span<char> buffer, Duration limit,
                       std::error_code& error) override;
  std::size_t try_write(std::span<const std::string_view> pieces,
                        Duration limit, std::error_code& error) override;
};

}  // namespace greenroom::net
