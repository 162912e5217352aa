#include "udp_socket.hpp"

#include "io_call.hpp"
#include "unique_fd.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <string>

namespace greenroom::net {

using detail::call_failed;
using detail::throw_if;

void UdpSocket::open_for(const Endpoint& endpoint) {
  if (is_open()) return;
  detail::UniqueFd fd(::socket(endpoint.family(),
                               SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (fd.get() < 0) throw call_failed("socket for", endpoint);
  descriptor_ = Descriptor(fd.release());
}

void UdpSocket::bind(const Endpoint& local) {
  open_for(local);
  if (::bind(native_handle(), local.data(), local.size()) != 0)
    throw call_failed("bind", local);
}

void UdpSocket::connect(const Endpoint& peer) {
  open_for(peer);
  if (::connect(native_handle(), peer.data(), peer.size()) != 0)
    throw call_failed("connect to", peer);
}

// Each datagram is whole, so unlike Descriptor::wait(), several may wait.
bool UdpSocket::wait(Direction direction, Duration limit) {
  if (!is_open()) throw std::system_error(EBADF, std::generic_category());
  return descriptor_.watcher().wait(direction, limit);
}

bool UdpSocket::wait_read(Duration limit) {
  return wait(Direction::read, limit);
}

// ---- sending

void UdpSocket::send_message(std::string_view data, const Endpoint* peer,
                             std::error_code& error) {
  detail::when_ready(
      timeout_, error,
      [&] {
        return ::sendto(native_handle(), data.data(), data.size(), MSG_NOSIGNAL,
                        peer != nullptr ? peer->data() : nullptr,
                        peer != nullptr ? peer->size() : 0);
      },
      [&](Duration left) { return wait(Direction::write, left); });
}

void UdpSocket::send_to(std::string_view data, const Endpoint& peer) {
  std::error_code error;
  send_to(data, peer, error);
  if (error) throw std::system_error(error, "send to " + peer.to_string());
}

void UdpSocket::send_to(std::string_view data, const Endpoint& peer,
                        std::error_code& error) {
  if (descriptor_.get() < 0) open_for(peer);
  send_message(data, &peer, error);
}

void UdpSocket::send(std::string_view data) {
  std::error_code error;
  send(data, error);
  throw_if(error, "send");
}

void UdpSocket::send(std::string_view data, std::error_code& error) {
  send_message(data, nullptr, error);
}

// ---- receiving

namespace {

// One call of recvmsg(2), and what it returns.
class Arrival {
 public:
  explicit Arrival(std::span<char> buffer) noexcept
      : part_{buffer.data(), buffer.size()} {}
  Arrival(const Arrival&) = delete;
  Arrival& operator=(const Arrival&) = delete;
  ~Arrival() = default;

  ssize_t receive(int fd) noexcept {
    message_ = {};
    message_.msg_name = &peer_;
    message_.msg_namelen = sizeof peer_;
    message_.msg_iov = &part_;
    message_.msg_iovlen = 1;
    return ::recvmsg(fd, &message_, 0);
  }
  [[nodiscard]] Datagram datagram(std::size_t size) {
    return {size,
            Endpoint(reinterpret_cast<sockaddr*>(&peer_), message_.msg_namelen),
            (message_.msg_flags & MSG_TRUNC) != 0};
  }

 private:
  sockaddr_storage peer_{};
  iovec part_;
  msghdr message_{};
};

}  // namespace

Datagram UdpSocket::receive_now(std::span<char> buffer,
                                std::error_code& error) {
  Arrival arrival(buffer);
  const auto size =
      detail::at_once(error, [&] { return arrival.receive(native_handle()); });
  return error ? Datagram() : arrival.datagram(size);
}

Datagram UdpSocket::receive_from(std::span<char> buffer,
                                 std::error_code& error) {
  Arrival arrival(buffer);
  const auto size = detail::when_ready(
      timeout_, error, [&] { return arrival.receive(native_handle()); },
      [&](Duration left) { return wait(Direction::read, left); });
  return error ? Datagram() : arrival.datagram(size);
}

Datagram UdpSocket::receive_from(std::span<char> buffer) {
  std::error_code error;
  const Datagram datagram = receive_from(buffer, error);
  throw_if(error, "receive_from");
  return datagram;
}

std::size_t UdpSocket::receive(std::span<char> buffer) {
  return receive_from(buffer).size;
}

std::size_t UdpSocket::receive(std::span<char> buffer, std::error_code& error) {
  return receive_from(buffer, error).size;
}

}  // namespace greenroom::net
