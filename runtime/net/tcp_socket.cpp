#include "tcp_socket.hpp"

#include "../core/deadline.hpp"
#include "../core/hub.hpp"
#include "connecting.hpp"
#include "io_user.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <memory>
#include <system_error>
#include <utility>

namespace greenroom::net {
namespace {

using Resolver = boost::asio::ip::tcp::resolver;

constexpr WaitReason kWaitsForResolver{"the resolver"};

// Lives until the resolver has answered, even if nobody waits any more.
struct Lookup {
  explicit Lookup(Hub& hub) : resolver(hub.io_context()) {}

  Resolver resolver;
  WaitList asker;
  boost::system::error_code error;
  Resolver::results_type found;
};

std::string name_of(std::string_view host, std::uint16_t port) {
  return std::string(host) + ":" + std::to_string(port);
}

// resolve() with a limit.
std::vector<Endpoint> look_up(std::string_view host, std::uint16_t port,
                              Duration limit) {
  Hub& hub = Hub::current();
  const auto lookup = std::make_shared<Lookup>(hub);
  Waiter waiter(kWaitsForResolver, lookup.get());
  lookup->asker.add(waiter);
  lookup->resolver.async_resolve(
      host, std::to_string(port), Resolver::numeric_service,
      [lookup](const boost::system::error_code& error,
               Resolver::results_type found) {
        lookup->error = error;
        lookup->found = std::move(found);
        lookup->asker.notify_all();
      });
  const detail::IoUser user(hub);
  if (!waiter.park(limit))
    throw std::system_error(ETIMEDOUT, std::generic_category(),
                            "resolve " + name_of(host, port));
  if (lookup->error)
    throw std::system_error(lookup->error, "resolve " + name_of(host, port));
  std::vector<Endpoint> endpoints;
  for (const auto& entry : lookup->found) {
    const auto address = entry.endpoint();
    endpoints.emplace_back(address.data(),
                           static_cast<socklen_t>(address.size()));
  }
  return endpoints;
}

}  // namespace

TcpSocket::TcpSocket(Descriptor descriptor)
    : StreamSocket(std::move(descriptor)) {
  set_no_delay(true);
}

void TcpSocket::set_no_delay(bool no_delay) {
  set_option(IPPROTO_TCP, TCP_NODELAY, no_delay, "set_no_delay");
}

void TcpSocket::set_keep_alive(bool keep_alive) {
  set_option(SOL_SOCKET, SO_KEEPALIVE, keep_alive, "set_keep_alive");
}

void TcpSocket::set_option(int level, int name, bool value, const char* call) {
  const int number = value ? 1 : 0;
  if (setsockopt(native_handle(), level, name, &number, sizeof number) != 0)
    throw std::system_error(errno, std::generic_category(), call);
}

TcpSocket connect(const Endpoint& endpoint, Duration limit) {
  return TcpSocket(detail::connect_descriptor(endpoint, limit));
}

TcpSocket connect(std::string_view host, std::uint16_t port, Duration limit) {
  const detail::Deadline deadline(limit);
  std::error_code last;
  for (const Endpoint& endpoint : look_up(host, port, limit)) {
    try {
      return connect(endpoint, deadline.left());
    } catch (const std::system_error& failed) {
      last = failed.code();
    }
  }
  throw std::system_error(last, "connect to " + name_of(host, port));
}

std::vector<Endpoint> resolve(std::string_view host, std::uint16_t port) {
  return look_up(host, port, forever);
}

}  // namespace greenroom::net
