#include "../../support/catch2.hpp"
#include "../../support/open_fds.hpp"

#include <greenroom/runtime/core/hub.hpp>
#include <greenroom/runtime/net/listener.hpp>
#include <greenroom/runtime/net/tcp_socket.hpp>
#include <greenroom/runtime/net/unix_socket.hpp>
#include <greenroom/runtime/tasks/spawn.hpp>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;
using net::Endpoint;
using net::Listener;
using net::UnixSocket;

const Endpoint kAnyPort("127.0.0.1", 0);

// A folder that goes with the test.
class Folder {
 public:
  Folder() {
    std::string name =
        std::filesystem::temp_directory_path() / "greenroomXXXXXX";
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
    path_ = name;
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  [[nodiscard]] std::string file(const char* name) const {
    return path_ / name;
  }

 private:
  std::filesystem::path path_;
};

std::string text_of_failure(const Endpoint& endpoint, std::errc expected) {
  try {
    const Listener listener(endpoint);
  } catch (const std::system_error& failed) {
    CHECK(failed.code() == expected);
    return failed.what();
  }
  return "";
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST_CASE("listener: accepts connections", "[runtime][net][listener]") {
  const Hub hub;
  Listener listener(kAnyPort);
  CHECK(listener.local_endpoint().port() != 0);
  const auto accepts = spawn([&] { return listener.accept().peer; });
  sleep();
  CHECK_FALSE(accepts->ready());
  const auto socket = net::connect(listener.local_endpoint());
  CHECK(accepts->get() == socket.local_endpoint());
}

TEST_CASE("listener: what it accepts is closed on exec, and does not block",
          "[runtime][net][listener]") {
  const Hub hub;
  Listener listener(kAnyPort);
  const auto socket = net::connect(listener.local_endpoint());
  const auto accepted = listener.accept();
  for (const int fd : {listener.native_handle(), accepted.descriptor.get()}) {
    CHECK((fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
    CHECK((fcntl(fd, F_GETFL) & O_NONBLOCK) != 0);
  }
}

TEST_CASE("listener: without waiting, and with a limit",
          "[runtime][net][listener]") {
  const Hub hub;
  Listener listener(kAnyPort);
  std::error_code error = std::make_error_code(std::errc::io_error);
  CHECK_FALSE(listener.try_accept(error));
  CHECK_FALSE(error);
  CHECK_FALSE(listener.wait(1ms));
  const auto socket = net::connect(listener.local_endpoint());
  CHECK(listener.wait());
  CHECK(listener.try_accept(error));
}

TEST_CASE("listener: an endpoint that is in use is named",
          "[runtime][net][listener]") {
  const Hub hub;
  const auto before = open_fds();
  {
    const Listener first(kAnyPort);
    const auto endpoint = first.local_endpoint();
    const auto text = text_of_failure(endpoint, std::errc::address_in_use);
    CHECK(contains(text, endpoint.to_string()));
  }
  CHECK(open_fds() == before);
}

TEST_CASE("listener: several at one port, if they say so",
          "[runtime][net][listener]") {
  const Hub hub;
  const Listener first(kAnyPort, {.reuse_port = true});
  CHECK_NOTHROW(Listener(first.local_endpoint(), {.reuse_port = true}));
}

TEST_CASE("listener: closing it ends an accept() under way, with EBADF",
          "[runtime][net][listener]") {
  const Hub hub;
  Listener listener(kAnyPort);
  const auto accepts = spawn([&] {
    try {
      (void)listener.accept();
    } catch (const std::system_error& failed) {
      return failed.code() == std::errc::bad_file_descriptor;
    }
    return false;
  });
  sleep();
  listener.close();
  CHECK(accepts->get());
  CHECK_FALSE(listener.is_open());
  std::error_code error;
  CHECK_FALSE(listener.try_accept(error));
  CHECK(error == std::errc::bad_file_descriptor);
}

TEST_CASE("listener: a path", "[runtime][net][listener][unix]") {
  const Hub hub;
  const Folder folder;
  const auto path = folder.file("socket");
  Listener listener(Endpoint::unix_path(path));
  CHECK(listener.local_endpoint().to_string() == "unix:" + path);
  auto client = UnixSocket::connect(path);
  UnixSocket server(listener.accept().descriptor);
  client.write("x");
  std::array<char, 1> buffer{};
  CHECK(server.read(buffer) == 1);
}

TEST_CASE("listener: takes over a path that a crash left behind",
          "[runtime][net][listener][unix]") {
  const Hub hub;
  const Folder folder;
  const auto endpoint = Endpoint::unix_path(folder.file("socket"));
  Listener(endpoint).close();
  CHECK(std::filesystem::exists(endpoint.address()));
  const Listener next(endpoint);
  CHECK(UnixSocket::connect(endpoint.address()).is_open());
}

TEST_CASE("listener: leaves a path alone that somebody listens at",
          "[runtime][net][listener][unix]") {
  const Hub hub;
  const Folder folder;
  const auto endpoint = Endpoint::unix_path(folder.file("socket"));
  const Listener first(endpoint, {.backlog = 0});
  for (int i = 0; i < 3; ++i) {  // even if it has no room
    const auto text = text_of_failure(endpoint, std::errc::address_in_use);
    CHECK(contains(text, endpoint.to_string()));
  }
  CHECK(std::filesystem::exists(endpoint.address()));
}

TEST_CASE("listener: leaves a file alone that is not a socket",
          "[runtime][net][listener][unix]") {
  const Hub hub;
  const Folder folder;
  const auto path = folder.file("file");
  std::ofstream(path) << "precious";
  CHECK_FALSE(
      text_of_failure(Endpoint::unix_path(path), std::errc::address_in_use)
          .empty());
  CHECK(std::filesystem::file_size(path) == 8);
}

TEST_CASE("listener: an abstract name", "[runtime][net][listener][unix]") {
  const Hub hub;
  const auto name = "@greenroom-test-" + std::to_string(getpid());
  Listener listener(Endpoint::unix_path(name));
  CHECK(UnixSocket::connect(name).is_open());
  CHECK(listener.accept().descriptor.is_open());
  CHECK_FALSE(
      text_of_failure(Endpoint::unix_path(name), std::errc::address_in_use)
          .empty());
}

}  // namespace
}  // namespace greenroom::test
