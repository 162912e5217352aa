#include "tls_socket.hpp"

#include "../../core/deadline.hpp"
#include "../tcp_socket.hpp"
#include "tls_session.hpp"

#include <openssl/ssl.h>

#include <cerrno>
#include <stdexcept>

namespace greenroom::net {
namespace {

std::error_code not_open() noexcept { return {EBADF, std::generic_category()}; }

void assert_kind(const TlsContext& context, bool is_server) {
  if (context.is_server() != is_server)
    throw std::invalid_argument(is_server
                                    ? "a TLS server with a client's context"
                                    : "a TLS client with a server's context");
}

}  // namespace

TlsSocket::TlsSocket() noexcept = default;
TlsSocket::TlsSocket(TlsSocket&&) noexcept = default;
TlsSocket& TlsSocket::operator=(TlsSocket&&) noexcept = default;
TlsSocket::~TlsSocket() = default;

TlsSocket::TlsSocket(std::unique_ptr<detail::TlsSession> session) noexcept
    : session_(std::move(session)) {}

TlsSocket TlsSocket::connect(std::string_view host, std::uint16_t port,
                             const TlsContext& context, Duration limit) {
  assert_kind(context, false);
  const detail::Deadline deadline(limit);
  auto socket = net::connect(host, port, limit);
  return client(std::move(socket), context, host, deadline.left());
}

TlsSocket TlsSocket::client(StreamSocket socket, const TlsContext& context,
                            std::string_view host, Duration limit) {
  assert_kind(context, false);
  auto session =
      std::make_unique<detail::TlsSession>(std::move(socket), context);
  session->expect_host(std::string(host));
  session->shake_hands(limit);
  return TlsSocket(std::move(session));
}

TlsSocket TlsSocket::server(StreamSocket socket, const TlsContext& context,
                            Duration limit) {
  assert_kind(context, true);
  auto session =
      std::make_unique<detail::TlsSession>(std::move(socket), context);
  session->shake_hands(limit);
  return TlsSocket(std::move(session));
}

std::size_t TlsSocket::try_read(std::span<char> buffer, Duration limit,
                                std::error_code& error) {
  if (is_open()) return session_->read(buffer, limit, error);
  error = not_open();
  return 0;
}

std::size_t TlsSocket::read_now(std::span<char> buffer,
                                std::error_code& error) {
  if (is_open()) return session_->read_now(buffer, error);
  error = not_open();
  return 0;
}

std::size_t TlsSocket::try_write(std::span<const std::string_view> pieces,
                                 Duration limit, std::error_code& error) {
  if (is_open()) return session_->write(pieces, limit, error);
  error = not_open();
  return 0;
}

void TlsSocket::shutdown_write(std::error_code& error) {
  if (is_open())
    session_->bid_farewell(timeout(), error);
  else
    error = not_open();
}

void TlsSocket::close() noexcept {
  if (session_ != nullptr) session_->close();
}

bool TlsSocket::is_open() const noexcept {
  return session_ != nullptr && session_->socket().is_open();
}

std::string TlsSocket::version() const {
  return SSL_get_version(session_->native_handle());
}

std::string TlsSocket::protocol() const {
  const unsigned char* name = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(session_->native_handle(), &name, &size);
  return {reinterpret_cast<const char*>(name), size};
}

bool TlsSocket::wait_read(Duration limit) { return session_->wait_read(limit); }

greenroom::detail::IoWatcher& TlsSocket::watcher() const noexcept {
  return session_->socket().watcher();
}

const StreamSocket& TlsSocket::socket() const noexcept {
  return session_->socket();
}

SSL* TlsSocket::native_handle() const noexcept {
  return session_->native_handle();
}

}  // namespace greenroom::net
