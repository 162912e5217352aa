// A BeastStream shows a Stream to Boost.Beast, as what Beast calls a
// SyncStream.
//
// Thread rule: as Stream.
#pragma once

#include "../stream.hpp"
#include "sync_stream.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/system/error_code.hpp>

#include <array>
#include <cstddef>
#include <span>
#include <string_view>
#include <system_error>

namespace greenroom::detail {

class BeastStream : public SyncStream<BeastStream> {
 public:
  explicit BeastStream(net::Stream& stream) noexcept : stream_(&stream) {}

  using SyncStream::write_some;

  std::size_t read_piece(std::span<char> buffer, std::error_code& error) {
    return stream_->read_some(buffer, error);
  }

  template <class Buffers>
  std::size_t write_some(const Buffers& buffers,
                         boost::system::error_code& error) {
    std::array<std::string_view, 16> pieces;
    std::size_t count = 0;
    const auto end = boost::asio::buffer_sequence_end(buffers);
    for (auto it = boost::asio::buffer_sequence_begin(buffers);
         it != end && count < pieces.size(); ++it) {
      const boost::asio::const_buffer buffer(*it);
      if (buffer.size() != 0)
        pieces[count++] = {static_cast<const char*>(buffer.data()),
                           buffer.size()};
    }
    error.clear();
    if (count == 0) return 0;
    std::error_code failed;
    const std::size_t written =
        stream_->write_some(std::span(pieces.data(), count), failed);
    if (failed) error = failed;
    return written;
  }

 private:
  net::Stream* stream_;
};

}  // namespace greenroom::detail
