// A TlsContext says how connections are encrypted: with which certificates, and
// whom to trust. Many connections share one.
//
// TLS 1.2 or newer. OpenSSL and the administrator choose the ciphers.
//
// Thread rule: any thread may make one and use copies of it; it does not
// change.
// Behaves as gevent.ssl.SSLContext (gevent 26.5, src/gevent/ssl.py). Unlike it,
// a client verifies unless told not to.
#pragma once

#include "../../core/export.hpp"

#include <memory>
#include <string>
#include <vector>

struct ssl_ctx_st;

namespace greenroom::net {

/// Who a server says it is, and whom it lets in.
struct TlsServerOptions {
  /// PEM: the server's certificate, then those that lead to one that clients
  /// know.
  std::string certificate_chain_file{};
  /// PEM: the key of the first certificate.
  std::string key_file{};
  /// PEM. If not empty, only clients whose certificate leads to one of these
  /// get in.
  std::string client_ca_file{};
  /// Protocols to speak, best first (ALPN): "h2", "http/1.1". A client that
  /// offers only others is refused; one that offers nothing is not.
  std::vector<std::string> protocols{};
};

/// Whom a client trusts, and who it says it is.
struct TlsClientOptions {
  /// PEM: whom to trust. Empty: the system's store.
  std::string ca_file{};
  /// False: trust anybody. For tests.
  bool verify = true;
  /// PEM: our own certificate, if the server asks. Empty: none.
  std::string certificate_chain_file{};
  /// PEM: the key of that certificate.
  std::string key_file{};
  /// Protocols that we speak, best first (ALPN).
  std::vector<std::string> protocols{};
};

class GREENROOM_API TlsContext {
 public:
  /// Throws std::system_error that names the file.
  explicit TlsContext(const TlsServerOptions& options);
  /// For clients. Throws as the other one.
  explicit TlsContext(const TlsClientOptions& options = {});

  /// True: it was made of TlsServerOptions.
  [[nodiscard]] bool is_server() const noexcept { return is_server_; }
  /// OpenSSL's SSL_CTX, for what has no option here. Before the first
  /// connection only.
  [[nodiscard]] ssl_ctx_st* native_handle() const noexcept {
    return context_.get();
  }

 private:
  // A server's; OpenSSL refers to it.
  struct Protocols;

  bool is_server_;
  std::shared_ptr<const Protocols> protocols_;
  std::shared_ptr<ssl_ctx_st> context_;
};

}  // namespace greenroom::net
