// http::Client over TLS.

#include "greenroom/runtime/hub.hpp"
#include "greenroom/runtime/net/http/client.hpp"
#include "greenroom/runtime/net/stream_server.hpp"
#include "greenroom/runtime/net/tls_socket.hpp"
#include "greenroom/tests/support/test_certificates.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;
using Catch::Contains;

// Answers each request of each connection, by its number there.
class Site {
 public:
  Site()
      : server_(net::Endpoint("127.0.0.1", 0),
                net::tls_handler(
                    context(), [](net::Stream& client, const net::Endpoint&) {
                      std::array<char, 4096> request{};
                      for (int i = 1; client.read_some(request) != 0; ++i)
                        client.write(
                            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n" +
                            std::to_string(i));
                    })) {
    server_.start();
  }

  [[nodiscard]] std::string url(std::string_view host) const {
    return "https://" + std::string(host) + ":" +
           std::to_string(server_.endpoint().port()) + "/";
  }

 private:
  static net::TlsContext context() {
    const auto& files = TestCertificates::get();
    return net::TlsContext(net::TlsServerOptions{
        .certificate_chain_file = files.chain(), .key_file = files.key()});
  }

  net::StreamServer server_;
};

http::ClientOptions believes_site() {
  return {.tls = std::make_shared<const net::TlsContext>(net::TlsClientOptions{
              .ca_file = TestCertificates::get().authority()})};
}

TEST_CASE("https: an answer comes, and its connection is kept",
          "[net][http][tls]") {
  const Hub hub;
  const Site site;
  http::Client client(believes_site());
  CHECK(client.get(site.url("localhost")).body == "1");
  CHECK(client.kept() == 1);
  CHECK(client.get(site.url("localhost")).body == "2");
  CHECK(client.get(site.url("127.0.0.1")).body == "1");
  CHECK(client.kept() == 2);
}

TEST_CASE("https: a server that is not believed is told nothing",
          "[net][http][tls]") {
  const Hub hub(HubOptions{
      .handle_error = [](const std::string&, const std::exception_ptr&) {}});
  const Site site;
  CHECK_THROWS_WITH(http::get(site.url("localhost")),
                    Contains("certificate verify failed"));
}

TEST_CASE("https: plain HTTP and TLS do not mix", "[net][http][tls]") {
  const Hub hub(HubOptions{
      .handle_error = [](const std::string&, const std::exception_ptr&) {}});
  const Site site;
  http::Client client(believes_site());
  CHECK(client.get(site.url("localhost")).body == "1");
  const auto plain = "http" + site.url("localhost").substr(5);
  CHECK_THROWS(client.get(plain));
}

}  // namespace
}  // namespace greenroom::test
