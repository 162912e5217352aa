// A WebSocketLayer lies between Boost.Beast's WebSocket and a socket. It lets
// one greenlet read while others write, which Beast's synchronous calls do not
// know of.
//
// Thread rule: owning hub only.
#pragma once

#include "../../../core/greenlet.hpp"
#include "../../../core/hub.hpp"
#include "../../../sync/lock.hpp"
#include "../../io_watcher.hpp"
#include "../../socket.hpp"
#include "../beast_stream.hpp"
#include "../sync_stream.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/role.hpp>
#include <boost/beast/websocket/teardown.hpp>

#include <cstddef>
#include <mutex>
#include <span>
#include <system_error>
#include <utility>

namespace greenroom::detail {

class WebSocketLayer : public SyncStream<WebSocketLayer> {
 public:
  using executor_type = boost::asio::io_context::executor_type;

  /// Thrown out of a read instead of waiting for more.
  struct CloseRequested {};
  struct Silence {};

  /// `early` was read together with the handshake, and follows it.
  WebSocketLayer(net::Socket& socket, boost::beast::flat_buffer early)
      : socket_(socket), early_(std::move(early)) {}
  WebSocketLayer(const WebSocketLayer&) = delete;
  WebSocketLayer& operator=(const WebSocketLayer&) = delete;
  ~WebSocketLayer() = default;

  [[nodiscard]] executor_type get_executor() const {
    return Hub::current().io_context().get_executor();
  }

  /// While one lives, the current greenlet reads. What Beast writes for it
  /// answers a ping or a close, and waits until the message under way is
  /// written.
  class Reading {
   public:
    Reading(WebSocketLayer& layer, Duration limit) noexcept : layer_(layer) {
      layer_.reader_ = Hub::current().running();
      layer_.limit_ = limit;
    }
    Reading(const Reading&) = delete;
    Reading& operator=(const Reading&) = delete;
    ~Reading() { layer_.reader_ = nullptr; }

   private:
    WebSocketLayer& layer_;
  };

  /// Held by whoever writes a whole message.
  [[nodiscard]] Lock& writing() noexcept { return writing_; }
  [[nodiscard]] bool has_reader() const noexcept { return reader_ != nullptr; }
  /// Ends the wait of the one who reads: it throws CloseRequested.
  void request_close() noexcept {
    close_requested_ = true;
    socket_.watcher().waiters(net::Direction::read).notify_all();
  }
  void take_close_request() noexcept { close_requested_ = false; }
  [[nodiscard]] bool is_close_requested() const noexcept {
    return close_requested_;
  }

  using SyncStream::write_some;

  std::size_t read_piece(std::span<char> buffer, std::error_code& error) {
    if (early_.size() == 0) return wait_and_read(buffer, error);
    const auto count = boost::asio::buffer_copy(
        boost::asio::buffer(buffer.data(), buffer.size()), early_.data());
    early_.consume(count);
    return count;
  }

  /// Writes everything, so that what Beast writes by one call stays together.
  template <class Buffers>
  std::size_t write_some(const Buffers& buffers,
                         boost::system::error_code& error) {
    std::unique_lock<Lock> lock(writing_, std::defer_lock);
    if (reader_ != nullptr && reader_ == Hub::current().running()) lock.lock();
    BeastStream stream(socket_);
    boost::asio::write(stream, buffers, error);
    return error ? 0 : boost::asio::buffer_size(buffers);
  }

  // Beast's last step: nothing more will be written.
  friend void teardown(boost::beast::role_type /*role*/, WebSocketLayer& layer,
                       boost::system::error_code& error) {
    std::error_code failed;
    layer.socket_.shutdown_write(failed);
    error.clear();
  }

 private:
  std::size_t wait_and_read(std::span<char> buffer, std::error_code& error) {
    for (;;) {
      if (close_requested_) throw CloseRequested{};
      const auto count = socket_.read_now(buffer, error);
      if (error != std::errc::operation_would_block) return count;
      if (!socket_.wait_read(limit_)) throw Silence{};
    }
  }

  net::Socket& socket_;
  boost::beast::flat_buffer early_;
  Lock writing_;
  const Greenlet* reader_ = nullptr;
  Duration limit_ = forever;
  bool close_requested_ = false;
};

}  // namespace greenroom::detail
