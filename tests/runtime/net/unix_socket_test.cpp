#include "../../support/catch2.hpp"
#include "../../support/open_fds.hpp"

#include <greenroom/runtime/core/hub.hpp>
#include <greenroom/runtime/net/unix_socket.hpp>

#include <fcntl.h>

#include <array>
#include <stdexcept>
#include <string>
#include <system_error>

namespace greenroom::test {
namespace {

using net::UnixSocket;

TEST_CASE("unix socket: a pair is connected, and closed on exec",
          "[runtime][net][unix]") {
  const Hub hub;
  const auto before = open_fds();
  {
    auto [a, b] = UnixSocket::pair();
    a.write("hello");
    std::array<char, 5> buffer{};
    CHECK(b.read(buffer) == 5);
    CHECK((fcntl(a.native_handle(), F_GETFD) & FD_CLOEXEC) != 0);
    CHECK((fcntl(b.native_handle(), F_GETFD) & FD_CLOEXEC) != 0);
    CHECK(open_fds() == before + 2);
  }
  CHECK(open_fds() == before);
}

TEST_CASE("unix socket: connecting to nobody fails", "[runtime][net][unix]") {
  const Hub hub;
  const auto before = open_fds();
  try {
    (void)UnixSocket::connect("/nowhere/socket");
    FAIL("connected");
  } catch (const std::system_error& failed) {
    CHECK(failed.code() == std::errc::no_such_file_or_directory);
    CHECK(std::string(failed.what()).find("/nowhere/socket") !=
          std::string::npos);
  }
  CHECK_THROWS_AS(UnixSocket::connect(""), std::invalid_argument);
  CHECK(open_fds() == before);
}

}  // namespace
}  // namespace greenroom::test
