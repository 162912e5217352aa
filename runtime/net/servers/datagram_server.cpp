#include "datagram_server.hpp"

#include "../../core/label.hpp"
#include "service.hpp"

#include <cerrno>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace greenroom {
namespace detail {
namespace {

using net::DatagramServer;

// No datagram of IP is longer.
constexpr std::size_t kLongest = std::size_t{64} * 1024;

using SharedHandler = std::shared_ptr<const DatagramServer::Handler>;

class DatagramCall final : public ServiceHandler {
 public:
  DatagramCall(SharedHandler handler, std::string data,
               const net::Endpoint& peer)
      : ServiceHandler(peer),
        handler_(std::move(handler)),
        data_(std::move(data)) {}

 private:
  void handle() override { (*handler_)(data_, peer()); }
  void write_default_name(Label& label) const noexcept override {
    label << "DatagramCall-" << id();
  }

  const SharedHandler handler_;
  const std::string data_;
};

class DatagramService final : public Service {
 public:
  DatagramService(const net::Endpoint& endpoint,
                  DatagramServer::Handler handler,
                  const net::ServerOptions& options)
      : Service(endpoint, options),
        handler_(std::make_shared<const DatagramServer::Handler>(
            std::move(handler))),
        buffer_(kLongest) {}

  void send_to(std::string_view data, const net::Endpoint& peer,
               std::error_code& error) {
    if (!socket_.is_open())
      error = {EBADF, std::generic_category()};
    else
      socket_.send_to(data, peer, error);
  }

 private:
  net::Endpoint open() override {
    net::UdpSocket socket;
    socket.bind(endpoint());
    socket_ = std::move(socket);
    return socket_.local_endpoint();
  }
  void close() noexcept override { socket_.close(); }
  void wait_for_arrival() override { socket_.wait_read(); }
  GreenletPtr take_in(std::error_code& error) override {
    const auto datagram = socket_.receive_now(buffer_, error);
    if (error == std::errc::operation_would_block)
      error.clear();
    else if (!error)
      return make_greenlet<DatagramCall>(
          handler_, std::string(buffer_.data(), datagram.size), datagram.peer);
    return nullptr;
  }

  const SharedHandler handler_;

  // owning hub only
  net::UdpSocket socket_;
  std::vector<char> buffer_;
};

}  // namespace
}  // namespace detail

namespace net {

DatagramServer::DatagramServer(const Endpoint& endpoint, Handler handler,
                               const ServerOptions& options)
    : Server(std::make_shared<detail::DatagramService>(
          endpoint, std::move(handler), options)) {}

void DatagramServer::send_to(std::string_view data, const Endpoint& peer) {
  std::error_code error;
  send_to(data, peer, error);
  if (error) throw std::system_error(error, "send to " + peer.to_string());
}

void DatagramServer::send_to(std::string_view data, const Endpoint& peer,
                             std::error_code& error) {
  static_cast<detail::DatagramService&>(service()).send_to(data, peer, error);
}

}  // namespace net
}  // namespace greenroom
