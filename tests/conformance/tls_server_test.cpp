// gevent's servers with TLS, number by number: README.md.

#include "../support/catch2.hpp"
#include "../support/read_all.hpp"
#include "../support/reported.hpp"
#include "../support/test_certificates.hpp"

#include <greenroom/runtime/core/hub.hpp>
#include <greenroom/runtime/net/servers/stream_server.hpp>
#include <greenroom/runtime/net/tls/tls_socket.hpp>

#include <array>
#include <string>
#include <system_error>

namespace greenroom::test {
namespace {

// Whether the peer is gone without a word. OpenSSL 3.0 has read all that came
// when it refuses it; 3.5 has not, and then the system resets the connection.
bool is_cut_off(net::Stream& stream) {
  std::array<char, 1> byte{};
  std::error_code error;
  return stream.read_some(byte, error) == 0 &&
         (!error || error == std::errc::connection_reset);
}

TEST_CASE("gevent 290: a failed handshake closes that connection only",
          "[conformance][server][tls]") {
  // test__server.TestSSLGetCertificate.test_wrap_socket_and_handle_wrap_failure
  Reported reported;
  const Hub hub(reported.options());
  const auto& files = TestCertificates::get();
  const net::TlsContext context(net::TlsServerOptions{
      .certificate_chain_file = files.chain(), .key_file = files.key()});
  net::StreamServer server(
      {"127.0.0.1", 0},
      net::tls_handler(context, [](net::Stream& stream, const net::Endpoint&) {
        stream.write("hello");
      }));
  server.start();

  auto plain = net::connect(server.endpoint());
  plain.write("GET / HTTP/1.0\r\n\r\n");
  plain.shutdown_write();
  CHECK(is_cut_off(plain));
  REQUIRE(reported.all().size() == 1);
  CHECK_THAT(reported.all()[0],
             Contains("handshake") && Contains("http request"));

  auto client = net::TlsSocket::connect(
      "localhost", server.endpoint().port(),
      net::TlsContext(net::TlsClientOptions{.ca_file = files.authority()}));
  CHECK(read_all(client) == "hello");
}

}  // namespace
}  // namespace greenroom::test
