#include "tls_context.hpp"

#include "tls_error.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <stdexcept>
#include <string_view>
#include <system_error>

namespace greenroom::net {
namespace {

// Throws the failure of the call before.
void check(bool is_done, const std::string& what) {
  if (!is_done) throw std::system_error(detail::take_tls_error(), what);
}

// As they are on the wire: each with its length in front.
std::string on_the_wire(const std::vector<std::string>& protocols) {
  std::string all;
  for (const auto& protocol : protocols) {
    if (protocol.empty() || protocol.size() > 255)
      throw std::invalid_argument("not a protocol name: " + protocol);
    all += static_cast<char>(protocol.size());
    all += protocol;
  }
  return all;
}

const unsigned char* bytes_of(const std::string& text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::shared_ptr<SSL_CTX> make_context(const SSL_METHOD* method) {
  ERR_clear_error();
  std::shared_ptr<SSL_CTX> context(SSL_CTX_new(method), &SSL_CTX_free);
  check(context != nullptr, "SSL_CTX_new");
  check(SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) == 1,
        "TLS 1.2");
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_read_ahead(context.get(), 1);  // one recv() for header and body
  return context;
}

void use_certificate(SSL_CTX* context, const std::string& chain_file,
                     const std::string& key_file) {
  check(SSL_CTX_use_certificate_chain_file(context, chain_file.c_str()) == 1,
        "certificate " + chain_file);
  check(SSL_CTX_use_PrivateKey_file(context, key_file.c_str(),
                                    SSL_FILETYPE_PEM) == 1,
        "key " + key_file);
  check(SSL_CTX_check_private_key(context) == 1,
        "key " + key_file + " for " + chain_file);
}

void trust(SSL_CTX* context, const std::string& ca_file) {
  check(SSL_CTX_load_verify_locations(context, ca_file.c_str(), nullptr) == 1,
        "certificates " + ca_file);
}

}  // namespace

struct TlsContext::Protocols {
  // Called by OpenSSL during a server's handshake.
  static int choose(SSL* /*connection*/, const unsigned char** chosen,
                    unsigned char* chosen_size, const unsigned char* offered,
                    unsigned offered_size, void* argument) {
    const auto& ours = static_cast<const Protocols*>(argument)->wire;
    unsigned char* found = nullptr;
    if (SSL_select_next_proto(&found, chosen_size, bytes_of(ours),
                              static_cast<unsigned>(ours.size()), offered,
                              offered_size) != OPENSSL_NPN_NEGOTIATED)
      return SSL_TLSEXT_ERR_ALERT_FATAL;
    *chosen = found;
    return SSL_TLSEXT_ERR_OK;
  }

  std::string wire;
};

TlsContext::TlsContext(const TlsServerOptions& options)
    : is_server_(true), context_(make_context(TLS_server_method())) {
  SSL_CTX* context = context_.get();
  use_certificate(context, options.certificate_chain_file, options.key_file);
  if (!options.client_ca_file.empty()) {
    trust(context, options.client_ca_file);
    SSL_CTX_set_client_CA_list(
        context, SSL_load_client_CA_file(options.client_ca_file.c_str()));
    SSL_CTX_set_verify(
        context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  }
  // Sessions of servers that ask for certificates need a name.
  constexpr std::string_view kName = "greenroom";
  SSL_CTX_set_session_id_context(
      context, reinterpret_cast<const unsigned char*>(kName.data()),
      static_cast<unsigned>(kName.size()));
  if (options.protocols.empty()) return;
  auto protocols = std::make_shared<Protocols>();
  protocols->wire = on_the_wire(options.protocols);
  SSL_CTX_set_alpn_select_cb(context, &Protocols::choose, protocols.get());
  protocols_ = std::move(protocols);
}

TlsContext::TlsContext(const TlsClientOptions& options)
    : is_server_(false), context_(make_context(TLS_client_method())) {
  SSL_CTX* context = context_.get();
  if (options.verify) {
    if (options.ca_file.empty())
      check(SSL_CTX_set_default_verify_paths(context) == 1,
            "the system's certificates");
    else
      trust(context, options.ca_file);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  }
  if (!options.certificate_chain_file.empty())
    use_certificate(context, options.certificate_chain_file, options.key_file);
  if (const auto wire = on_the_wire(options.protocols); !wire.empty())
    check(SSL_CTX_set_alpn_protos(context, bytes_of(wire),
                                  static_cast<unsigned>(wire.size())) == 0,
          "the protocols");
}

}  // namespace greenroom::net
