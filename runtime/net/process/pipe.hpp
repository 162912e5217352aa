// A PipeStream is one end of a pipe: bytes go in at one end and come out at the
// other, in this process or in another one.
//
// Thread rule and everything else: as Stream. Reading from the writer's end
// fails with EBADF, and so does writing to the reader's end.
// Behaves as gevent.os.nb_read, nb_write (gevent 26.5, src/gevent/os.py).
#pragma once

#include "../../core/export.hpp"
#include "../descriptor_stream.hpp"
#include "../stream.hpp"

#include <span>
#include <string_view>
#include <system_error>
#include <utility>

namespace greenroom::net {

class GREENROOM_API PipeStream
    : public greenroom::detail::DescriptorStream<Stream> {
 public:
  /// Not open.
  PipeStream() = default;
  /// Takes over any descriptor that read(2) or write(2) works on and that can
  /// be waited for: an end of a pipe, a FIFO, a terminal.
  explicit PipeStream(Descriptor descriptor) noexcept
      : DescriptorStream(std::move(descriptor)) {}
  PipeStream(PipeStream&&) = default;
  PipeStream& operator=(PipeStream&&) = default;
  ~PipeStream() override = default;

  /// Closes this end: a pipe has only one direction.
  void shutdown_write(std::error_code& error) override;
  using Stream::shutdown_write;

 protected:
  std::size_t try_read(std::span<char> buffer, Duration limit,
                       std::error_code& error) override;
  /// If nobody reads any more: EPIPE, and no SIGPIPE.
  std::size_t try_write(std::span<const std::string_view> pieces,
                        Duration limit, std::error_code& error) override;
};

/// What is written to one end is read from the other.
struct Pipe {
  /// The end to read from.
  PipeStream reader;
  /// The end to write to.
  PipeStream writer;
};

/// A new pipe; a program that is started does not inherit it. Throws
/// std::system_error.
[[nodiscard]] GREENROOM_API Pipe make_pipe();

}  // namespace greenroom::net
