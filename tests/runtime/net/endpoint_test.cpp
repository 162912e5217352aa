#include "../../support/catch2.hpp"

#include <greenroom/runtime/net/endpoint.hpp>

#include <sys/socket.h>
#include <sys/un.h>

#include <stdexcept>
#include <string>
#include <system_error>

namespace greenroom::test {
namespace {

using net::Endpoint;

TEST_CASE("endpoint: a numeric address and a port",
          "[runtime][net][endpoint]") {
  const Endpoint v4("127.0.0.1", 8001);
  CHECK(v4.family() == AF_INET);
  CHECK(v4.address() == "127.0.0.1");
  CHECK(v4.port() == 8001);
  CHECK(v4.to_string() == "127.0.0.1:8001");
  const Endpoint v6("::1", 65535);
  CHECK(v6.family() == AF_INET6);
  CHECK(v6.address() == "::1");
  CHECK(v6.port() == 65535);
  CHECK(v6.to_string() == "[::1]:65535");
  CHECK_FALSE(v6.is_unix());
  CHECK_THROWS_AS(Endpoint("localhost", 1), std::invalid_argument);
  CHECK_THROWS_AS(Endpoint("", 1), std::invalid_argument);
}

TEST_CASE("endpoint: parse() reads what to_string() writes",
          "[runtime][net][endpoint]") {
  for (const char* text : {"127.0.0.1:0", "10.1.2.3:65535", "[::1]:80",
                           "[fe80::1]:7", "unix:/run/x.sock", "unix:@abstract"})
    CHECK(Endpoint::parse(text).to_string() == text);
  CHECK(Endpoint::parse("80") == Endpoint("127.0.0.1", 80));
}

TEST_CASE("endpoint: parse() refuses the rest", "[runtime][net][endpoint]") {
  for (const char* text :
       {"", ":", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1",
        "127.0.0.1:+1", "127.0.0.1:8 ", "127.0.0.1:0x50", "localhost:80",
        "::1:80", "[::1]", "[::1:80", "unix:", "1.2.3:80", "[]:80"}) {
    CAPTURE(text);
    CHECK_THROWS_AS(Endpoint::parse(text), std::invalid_argument);
  }
}

TEST_CASE("endpoint: a path", "[runtime][net][endpoint]") {
  const auto path = Endpoint::unix_path("/run/x.sock");
  CHECK(path.is_unix());
  CHECK(path.address() == "/run/x.sock");
  CHECK(path.port() == 0);
  CHECK(Endpoint::unix_path("@name").address() == "@name");
  CHECK_FALSE(Endpoint::unix_path("@name") == Endpoint::unix_path("name"));

  const std::string longest(107, 'x');
  CHECK(Endpoint::unix_path(longest).address() == longest);
  CHECK_THROWS_AS(Endpoint::unix_path(longest + "x"), std::invalid_argument);
  CHECK_THROWS_AS(Endpoint::unix_path(""), std::invalid_argument);
}

TEST_CASE("endpoint: nowhere, and a socket that is not bound",
          "[runtime][net][endpoint]") {
  const Endpoint nowhere;
  CHECK(nowhere.family() == AF_UNSPEC);
  CHECK(nowhere.to_string() == "nowhere");
  CHECK(nowhere.address().empty());
  CHECK(nowhere.port() == 0);
  CHECK(nowhere == Endpoint());

  sockaddr_un unbound{};
  unbound.sun_family = AF_UNIX;
  const Endpoint none(reinterpret_cast<sockaddr*>(&unbound),
                      sizeof unbound.sun_family);
  CHECK(none.address().empty());
  CHECK(none.to_string() == "unix:");
  CHECK_THROWS_AS(Endpoint::local_of(-1), std::system_error);
}

TEST_CASE("endpoint: equal if family, address and port are",
          "[runtime][net][endpoint]") {
  CHECK(Endpoint("127.0.0.1", 1) == Endpoint::parse("127.0.0.1:1"));
  CHECK_FALSE(Endpoint("127.0.0.1", 1) == Endpoint("127.0.0.1", 2));
  CHECK_FALSE(Endpoint("127.0.0.1", 1) == Endpoint("127.0.0.2", 1));
  CHECK_FALSE(Endpoint("::", 1) == Endpoint("0.0.0.0", 1));
}

}  // namespace
}  // namespace greenroom::test
