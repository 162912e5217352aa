// A TlsSocket is an encrypted connection.
//
//   net::TlsContext context;  // trusts whom the system trusts
//   auto socket = net::TlsSocket::connect("example.org", 443, context);
//   socket.write("GET / HTTP/1.0\r\n\r\n");
//
// Thread rule and everything else: as Stream; one greenlet may read while
// another writes.
// The end: shutdown_write() bids farewell. If a side closes without that, the
// other cannot tell whether it has got everything: it gets an error
// (tls_category(), "unexpected eof while reading").
// A write that was killed or timed out: what was encrypted by then leaves with
// the next call.
// Behaves as gevent.ssl.SSLSocket (gevent 26.5, src/gevent/ssl.py). Unlike it,
// shutdown_write() is half a shutdown: the other side may go on.
#pragma once

#include "../../core/clock.hpp"
#include "../../core/export.hpp"
#include "../../core/std_parts.hpp"
#include "../endpoint.hpp"
#include "../socket.hpp"
#include "../stream_socket.hpp"
#include "tls_context.hpp"
#include "tls_error.hpp"

#include <concepts>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

struct ssl_st;

namespace greenroom {

namespace detail {
class TlsSession;
}

namespace net {

class GREENROOM_API TlsSocket final : public Socket {
 public:
  /// Not open.
  TlsSocket() noexcept;
  TlsSocket(TlsSocket&&) noexcept;
  TlsSocket& operator=(TlsSocket&&) noexcept;
  /// Closes it.
  ~TlsSocket() override;

  /// Looks the name up, connects, and checks that the certificate is one of
  /// `host`. Parks until the handshake is done. Throws std::system_error: of
  /// tls_category() if the other side is not trusted, or does not speak TLS;
  /// std::errc::timed_out if `limit` passes first. The connection is closed
  /// then, and after a kill or Timeout.
  [[nodiscard]] static TlsSocket connect(std::string_view host,
                                         std::uint16_t port,
                                         const TlsContext& context,
                                         Duration limit = forever);
  /// Over a connection that exists already. The other side must prove that it
  /// is `host`, a name or an address. Parks and throws as connect().
  [[nodiscard]] static TlsSocket client(StreamSocket socket,
                                        const TlsContext& context,
                                        std::string_view host,
                                        Duration limit = forever);
  /// The server's side of a connection. Parks and throws as connect().
  [[nodiscard]] static TlsSocket server(StreamSocket socket,
                                        const TlsContext& context,
                                        Duration limit = forever);

  using Stream::shutdown_write;
  /// Bids farewell (close_notify); parks until that has been sent.
  void shutdown_write(std::error_code& error) override;
  /// Without a farewell.
  void close() noexcept override;
  [[nodiscard]] bool is_open() const noexcept override;

  [[nodiscard]] std::size_t read_now(std::span<char> buffer,
                                     std::error_code& error) override;
  bool wait_read(Duration limit = forever) override;
  [[nodiscard]] greenroom::detail::IoWatcher& watcher() const noexcept override;
  [[nodiscard]] bool is_secure() const noexcept override { return true; }

  /// "TLSv1.3". This and all below: only if it is open, or was.
  [[nodiscard]] std::string version() const;
  /// The protocol that both agreed on (ALPN); empty: none.
  [[nodiscard]] std::string protocol() const;
  /// The connection below. Do not read from it or write to it.
  [[nodiscard]] const StreamSocket& socket() const noexcept;
  /// OpenSSL's SSL, to ask for certificates and the like.
  [[nodiscard]] ssl_st* native_handle() const noexcept;

 protected:
  std::size_t try_read(std::span<char> buffer, Duration limit,
                       std::error_code& error) override;
  std::size_t try_write(std::span<const std::string_view> pieces,
                        Duration limit, std::error_code& error) override;

 private:
  explicit TlsSocket(std::unique_ptr<detail::TlsSession> session) noexcept;

  std::unique_ptr<detail::TlsSession> session_;  // null: was never open
};

/// For a StreamServer: calls `handler(TlsSocket&, peer)`, or one that takes a
/// Stream&, once the handshake is done, for which the client has `limit`. Bids
/// farewell when the handler returns; if it throws, the client can tell.
///
///   net::StreamServer server(endpoint, net::tls_handler(context, serve));
template <class Handler>
requires std::invocable<Handler&, TlsSocket&, const Endpoint&>
[[nodiscard]] auto tls_handler(TlsContext context, Handler handler,
                               Duration limit = std::chrono::seconds(10)) {
  return [context = std::move(context), handler = std::move(handler), limit](
             StreamSocket& socket, const Endpoint& peer) mutable {
    auto encrypted = TlsSocket::server(std::move(socket), context, limit);
    handler(encrypted, peer);
    std::error_code gone;  // a client may be; nothing is lost by that
    encrypted.set_timeout(limit);
    if (encrypted.is_open()) encrypted.shutdown_write(gone);
  };
}

}  // namespace net
}  // namespace greenroom
