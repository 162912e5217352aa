// The half of a SyncStream, as Boost.Beast calls it, that is the same for all:
//
//   class Mine : public SyncStream<Mine> {
//    public:
//     using SyncStream::write_some;
//     std::size_t read_piece(std::span<char>, std::error_code&);  // 0: the end
//     template <class Buffers>
//     std::size_t write_some(const Buffers&, boost::system::error_code&);
//   };
#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/system/error_code.hpp>
#include <boost/system/system_error.hpp>

#include <cstddef>
#include <span>
#include <system_error>

namespace greenroom::detail {

template <class Self>
class SyncStream {
 public:
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
      const std::size_t count = self().read_piece(
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
  std::size_t read_some(const Buffers& buffers) {
    boost::system::error_code error;
    const std::size_t count = read_some(buffers, error);
    if (error) throw boost::system::system_error(error);
    return count;
  }
  template <class Buffers>
  std::size_t write_some(const Buffers& buffers) {
    boost::system::error_code error;
    const std::size_t count = self().write_some(buffers, error);
    if (error) throw boost::system::system_error(error);
    return count;
  }

 private:
  Self& self() noexcept { return static_cast<Self&>(*this); }
};

}  // namespace greenroom::detail
