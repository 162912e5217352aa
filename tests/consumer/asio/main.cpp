// A stranger's program that uses Boost.Asio on the loop of a hub: part of Asio
// is compiled here, and the loop is greenroom's.

#include <greenroom/greenroom.hpp>
#include <greenroom/runtime/net/use_greenlet.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/connect_pair.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <array>
#include <chrono>
#include <iostream>

using boost::asio::local::stream_protocol;
using greenroom::net::use_greenlet;

int main() {
  auto& loop = greenroom::Hub::current().io_context();
  stream_protocol::socket near(loop);
  stream_protocol::socket far(loop);
  boost::asio::local::connect_pair(near, far);

  std::array<char, 5> text{};
  auto reads = greenroom::spawn([&] {
    return near.async_read_some(boost::asio::buffer(text), use_greenlet);
  });
  greenroom::sleep();
  far.write_some(boost::asio::buffer("Hello", 5));
  if (reads->get() != 5) return 1;

  // A function that Asio calls in the loop knows that it is there.
  bool is_inside = false;
  boost::asio::post(
      loop, [&] { is_inside = loop.get_executor().running_in_this_thread(); });
  boost::asio::steady_timer(loop, std::chrono::milliseconds(1))
      .async_wait(use_greenlet);
  if (!is_inside) {
    std::cerr << "Boost.Asio does not know that it is in its loop\n";
    return 1;
  }

  far.close();
  boost::system::error_code error;
  near.async_read_some(boost::asio::buffer(text), use_greenlet[error]);
  return error == boost::asio::error::eof ? 0 : 1;
}
