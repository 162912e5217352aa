#include "dial.hpp"

#include "../../../core/deadline.hpp"
#include "../../tcp_socket.hpp"
#if defined(GREENROOM_TLS)
#include "../../tls/tls_socket.hpp"
#endif

#include <stdexcept>
#include <utility>

namespace greenroom::detail {
namespace {

#if defined(GREENROOM_TLS)
std::unique_ptr<net::Socket> encrypt(net::TcpSocket socket,
                                     const net::TlsContext* tls,
                                     const std::string& host, Duration limit) {
  static const net::TlsContext trusts_as_the_system_does;
  return std::make_unique<net::TlsSocket>(net::TlsSocket::client(
      std::move(socket), tls ? *tls : trusts_as_the_system_does, host, limit));
}
#endif

}  // namespace

std::unique_ptr<net::Socket> dial(const http::Url& url,
                                  [[maybe_unused]] const net::TlsContext* tls,
                                  Duration limit) {
#if !defined(GREENROOM_TLS)
  if (url.is_secure())
    throw std::invalid_argument("no client for " + url.scheme +
                                "://: greenroom was built without TLS "
                                "(GREENROOM_TLS)");
#endif
  const Deadline deadline(limit);
  auto socket = net::connect(url.host, url.port, limit);
#if defined(GREENROOM_TLS)
  if (url.is_secure())
    return encrypt(std::move(socket), tls, url.host, deadline.left());
#endif
  return std::make_unique<net::TcpSocket>(std::move(socket));
}

}  // namespace greenroom::detail
