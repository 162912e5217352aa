// Shows a Stream to Boost.Beast, as what it calls a SyncStream.
//
// Thread rule: as Stream.
#pragma once

#include "greenroom/runtime/net/stream.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/system/error_code.hpp>
#include <boost/system/system_error.hpp>

#include <array>
#include <cstddef>
#include <span>
#include <string_view>
#include <system_error>

namespace greenroom::detail {

class BeastStream {
 public:
  explicit BeastStream(net::Stream& stream) noexcept : stream_(&stream) {}

  template <class Buffers>
  std::size_t read_some(const Buffers& buffers,
                        boost::system::error_code& error) {
    error.clear();
    const auto end = boost::asio::buffer_sequence_end(buffers);
    for (auto it = boost::asio::buffer_sequence_begin(buffers); it != end;
         ++it) {
      const boost::asio::mutable_buffer buffer(*it);
      if (buffer.size() == 0) continue;
      std::error_code failed;
      const std::size_t count = stream_->read_some(
          std::span(static_cast<char*>(buffer.data()), buffer.size()), failed);
      if (failed)
        error = failed;
      else if (count == 0)
        error = boost::asio::error::eof;
      return count;
    }
    return 0;
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

  // The throwing twins, which Beast's concept asks for.
  template <class Buffers>
  std::size_t read_some(const Buffers& buffers) {
    boost::system::error_code error;
    const std::size_t count = read_some(buffers, error);
    if (error) throw boost::system::system_error(error);
    return count;
  }
  template <class Buffers>
  std::size_t write_some(const Buffers& buffers) {
    boost::system::error_code error;
    const std::size_t count = write_some(buffers, error);
    if (error) throw boost::system::system_error(error);
    return count;
  }

 private:
  net::Stream* stream_;
};

}  // namespace greenroom::detail
