#include "../../../support/catch2.hpp"
#include "../../../support/read_all.hpp"
#include "../../../support/test_certificates.hpp"

#include <greenroom/runtime/core/errors.hpp>
#include <greenroom/runtime/core/hub.hpp>
#include <greenroom/runtime/net/servers/stream_server.hpp>
#include <greenroom/runtime/net/tls/tls_socket.hpp>
#include <greenroom/runtime/sync/event.hpp>
#include <greenroom/runtime/tasks/join.hpp>
#include <greenroom/runtime/tasks/spawn.hpp>
#include <greenroom/runtime/tasks/thread_pool.hpp>

#include <array>
#include <cstdio>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;
using net::Endpoint;
using net::Stream;
using net::TlsContext;
using net::TlsSocket;
using net::UnixSocket;

const Endpoint kAnywhere("127.0.0.1", 0);

TlsContext server_context() {
  const auto& files = TestCertificates::get();
  return TlsContext(net::TlsServerOptions{
      .certificate_chain_file = files.chain(), .key_file = files.key()});
}

TlsContext client_context() {
  return TlsContext(
      net::TlsClientOptions{.ca_file = TestCertificates::get().authority()});
}

struct Pair {
  TlsSocket client;
  TlsSocket server;
};

Pair connected(const TlsContext& theirs = server_context(),
               const TlsContext& ours = client_context()) {
  auto ends = UnixSocket::pair();
  TlsSocket server;
  const auto other = spawn(
      [&] { server = TlsSocket::server(std::move(ends.second), theirs); });
  auto client = TlsSocket::client(std::move(ends.first), ours, "localhost");
  other->get();
  return {std::move(client), std::move(server)};
}

// What a program of the shell prints; the hub goes on.
std::string shell(const std::string& command) {
  return offload([command] {
    std::string all;
    FILE* pipe = popen(command.c_str(), "r");
    std::array<char, 4096> buffer{};
    while (const auto count = fread(buffer.data(), 1, buffer.size(), pipe))
      all.append(buffer.data(), count);
    pclose(pipe);
    return all;
  });
}

TEST_CASE("tls_socket: bytes go both ways, up to a farewell", "[net][tls]") {
  const Hub hub;
  auto [client, server] = connected();
  CHECK(client.version() == "TLSv1.3");
  client.write("question");
  CHECK(read_once(server) == "question");
  server.write("ans");
  server.write("wer");
  server.shutdown_write();
  server.shutdown_write();
  CHECK(read_all(client) == "answer");
  client.write("still here");  // half a shutdown
  CHECK(read_once(server) == "still here");
}

TEST_CASE("tls_socket: an end without a farewell is an error", "[net][tls]") {
  const Hub hub;
  auto [client, server] = connected();
  server.write("half an answ");
  server.close();
  CHECK(read_once(client) == "half an answ");
  std::error_code error;
  std::array<char, 10> buffer{};
  CHECK(client.read_some(buffer, error) == 0);
  CHECK(error.category() == net::tls_category());
  CHECK_THAT(error.message(), Contains("unexpected eof"));
}

TEST_CASE("tls_socket: a great deal goes both ways at once", "[net][tls]") {
  const Hub hub;
  auto both = connected();
  std::string sent(std::size_t{3} << 20, '\0');
  for (std::size_t i = 0; i < sent.size(); ++i)
    sent[i] = static_cast<char>(i * 7 + i / 251);
  const auto write = [&](Stream& stream) {
    stream.write(sent);
    stream.shutdown_write();
  };
  std::string to_server;
  std::string to_client;
  joinall({spawn([&] { write(both.client); }),
           spawn([&] { write(both.server); }),
           spawn([&] { to_client = read_all(both.client); }),
           spawn([&] { to_server = read_all(both.server); })});
  CHECK(to_client == sent);
  CHECK(to_server == sent);
}

TEST_CASE("tls_socket: several pieces are sent as one", "[net][tls]") {
  const Hub hub;
  auto [client, server] = connected();
  std::array<std::string_view, 4> pieces{"one ", "", "two ", "three"};
  client.write(pieces);
  CHECK(read_once(server) == "one two three");
}

TEST_CASE("tls_socket: one at a time in each direction", "[net][tls]") {
  const Hub hub;
  auto both = connected();
  std::string got;
  const auto reader = spawn([&] { got = read_once(both.client); });
  sleep();
  CHECK_THROWS_AS(read_once(both.client), ConcurrentObjectUseError);
  both.server.write("hello");
  reader->join();
  CHECK(got == "hello");
}

TEST_CASE("tls_socket: a timeout and a kill leave the connection as it is",
          "[net][tls]") {
  const Hub hub;
  auto both = connected();
  both.client.set_timeout(1ms);
  std::error_code error;
  std::array<char, 10> buffer{};
  CHECK(both.client.read_some(buffer, error) == 0);
  CHECK(error == std::errc::timed_out);

  // More than the system holds: the writer waits, half-way in a record.
  std::size_t written = 0;
  const auto writer = spawn([&] {
    const std::string much(1000, 'x');
    for (;;) {
      both.server.write(much);
      written += much.size();
    }
  });
  while (writer->waiting() == nullptr) sleep();
  writer->kill();
  const auto last = spawn([&] {
    both.server.write("last");
    both.server.shutdown_write();
  });
  both.client.set_timeout(forever);
  const std::string got = read_all(both.client);
  last->get();
  CHECK(got.size() == written + 1000 + 4);
  CHECK_THAT(got, EndsWith("xlast"));
}

TEST_CASE("tls_socket: closing it wakes whoever waits", "[net][tls]") {
  const Hub hub;
  auto both = connected();
  const auto reader = spawn([&] { return read_once(both.client); });
  sleep();
  both.client.close();
  CHECK_FALSE(both.client.is_open());
  CHECK_THROWS_AS(reader->get(), std::system_error);
  std::error_code error;
  both.client.write("x", error);
  CHECK(error == std::errc::bad_file_descriptor);
  CHECK_FALSE(TlsSocket().is_open());
}

// ---- whom to trust

// What the client says to a server of "localhost".
std::string refusal(const TlsContext& context, std::string_view host) {
  auto [a, b] = UnixSocket::pair();
  const auto other = spawn([&, socket = std::move(b)]() mutable {
    try {
      (void)TlsSocket::server(std::move(socket), server_context());
    } catch (const std::system_error&) {
      // It hears of it, too.
    }
  });
  std::string what;
  try {
    (void)TlsSocket::client(std::move(a), context, host);
  } catch (const std::system_error& error) {
    what = error.what();
  }
  other->get();
  return what;
}

TEST_CASE("tls_socket: a client verifies unless told not to", "[net][tls]") {
  const Hub hub;
  CHECK(refusal(client_context(), "localhost").empty());
  CHECK(refusal(client_context(), "127.0.0.1").empty());
  CHECK_THAT(refusal(client_context(), "example.org"),
             Contains("hostname mismatch") && Contains("verify failed"));
  CHECK_THAT(refusal(client_context(), "127.0.0.2"),
             Contains("IP address mismatch"));
  CHECK_THAT(refusal(TlsContext(), "localhost"),
             Contains("unable to get local issuer certificate"));
  CHECK(
      refusal(TlsContext(net::TlsClientOptions{.verify = false}), "example.org")
          .empty());
}

TEST_CASE("tls_socket: a server may ask for a certificate", "[net][tls]") {
  const Hub hub;
  const auto& files = TestCertificates::get();
  const TlsContext strict(
      net::TlsServerOptions{.certificate_chain_file = files.chain(),
                            .key_file = files.key(),
                            .client_ca_file = files.authority()});
  const TlsContext known(
      net::TlsClientOptions{.ca_file = files.authority(),
                            .certificate_chain_file = files.chain(),
                            .key_file = files.key()});
  auto both = connected(strict, known);
  both.client.write("it is me");
  CHECK(read_once(both.server) == "it is me");
  CHECK_THROWS_WITH(connected(strict, client_context()),
                    Contains("did not return a certificate"));
}

TEST_CASE("tls_socket: both sides agree on a protocol", "[net][tls]") {
  const Hub hub;
  const auto& files = TestCertificates::get();
  const TlsContext theirs(
      net::TlsServerOptions{.certificate_chain_file = files.chain(),
                            .key_file = files.key(),
                            .protocols = {"h2", "http/1.1"}});
  const TlsContext ours(net::TlsClientOptions{.ca_file = files.authority(),
                                              .protocols = {"http/1.1", "h2"}});
  const auto both = connected(theirs, ours);
  CHECK(both.client.protocol() == "h2");
  CHECK(both.server.protocol() == "h2");
  CHECK(connected(theirs).client.protocol().empty());
}

TEST_CASE("tls_context: a file that does not exist is named", "[net][tls]") {
  CHECK_THROWS_WITH(TlsContext(net::TlsServerOptions{.certificate_chain_file =
                                                         "/nowhere.pem"}),
                    Contains("/nowhere.pem"));
  CHECK_THROWS_WITH(TlsContext(net::TlsClientOptions{.ca_file = "/no.pem"}),
                    Contains("/no.pem"));
}

// ---- the handshake

TEST_CASE("tls_socket: a handshake has a limit", "[net][tls]") {
  const Hub hub;
  auto [a, b] = UnixSocket::pair();
  try {
    (void)TlsSocket::client(std::move(a), client_context(), "localhost", 1ms);
    FAIL("nobody answered");
  } catch (const std::system_error& error) {
    CHECK(error.code() == std::errc::timed_out);
  }
  CHECK_THAT(read_all(b), !Contains("\n\n\n"));  // its hello, then the end
}

TEST_CASE("tls_socket: a kill in the handshake leaves nothing behind",
          "[net][tls]") {
  const Hub hub;
  auto [a, b] = UnixSocket::pair();
  const auto client = spawn([socket = std::move(a)]() mutable {
    (void)TlsSocket::client(std::move(socket), client_context(), "localhost");
  });
  sleep();
  CHECK(client->kill());
  CHECK(client->successful());
  CHECK_FALSE(read_all(b).empty());  // the hello that was sent, and the end
}

// ---- with OpenSSL's own programs

TEST_CASE("tls_socket: openssl s_client talks to a server", "[net][tls]") {
  const Hub hub;
  net::StreamServer server(
      kAnywhere,
      net::tls_handler(server_context(), [](Stream& stream, const Endpoint&) {
        stream.write("hello, " + read_once(stream));
      }));
  server.start();
  const std::string said = shell(
      "echo it is me | openssl s_client -quiet -verify_return_error "
      "-verify_hostname localhost -CAfile " +
      TestCertificates::get().authority() + " -connect " +
      server.endpoint().to_string() + " 2>/dev/null");
  CHECK(said == "hello, it is me\n");
}

TEST_CASE("tls_socket: a client talks to openssl s_server", "[net][tls]") {
  const Hub hub;
  const auto& files = TestCertificates::get();
  FILE* program =
      popen(("exec openssl s_server -rev -naccept 1 -accept 127.0.0.1:0 "
             "-cert " +
             files.chain() + " -key " + files.key() + " 2>&1")
                .c_str(),
            "r");
  REQUIRE(program != nullptr);
  // "ACCEPT 127.0.0.1:45678"
  const std::string place = offload([program] {
    std::array<char, 200> line{};
    while (fgets(line.data(), line.size(), program) != nullptr) {
      const std::string text = line.data();
      if (text.starts_with("ACCEPT ")) return text.substr(7, text.size() - 8);
    }
    return std::string();
  });
  REQUIRE_FALSE(place.empty());
  {
    auto client = TlsSocket::connect("localhost", Endpoint::parse(place).port(),
                                     client_context());
    client.write("stressed\n");
    CHECK(read_once(client) == "desserts\n");
    client.shutdown_write();
  }
  CHECK(offload([program] { return pclose(program); }) == 0);
}

}  // namespace
}  // namespace greenroom::test
