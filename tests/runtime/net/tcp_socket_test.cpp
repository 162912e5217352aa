#include "../../support/catch2.hpp"
#include "../../support/open_fds.hpp"

#include <greenroom/runtime/core/hub.hpp>
#include <greenroom/runtime/net/listener.hpp>
#include <greenroom/runtime/net/tcp_socket.hpp>
#include <greenroom/runtime/tasks/join.hpp>
#include <greenroom/runtime/tasks/spawn.hpp>
#include <greenroom/runtime/tasks/timeout.hpp>

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;
using net::Endpoint;
using net::Listener;
using net::TcpSocket;

const Endpoint kAnyPort("127.0.0.1", 0);

// A port that nobody listens at.
std::uint16_t free_port() { return Listener(kAnyPort).local_endpoint().port(); }

// Accepts no connections. The system keeps a few for it; whoever comes after
// that waits.
class FullListener {
 public:
  FullListener() : listener_(kAnyPort, {.backlog = 0}) {
    for (;;) {
      try {
        kept_.push_back(net::connect(endpoint(), 50ms));
      } catch (const std::system_error&) {
        return;
      }
    }
  }
  [[nodiscard]] Endpoint endpoint() const { return listener_.local_endpoint(); }

 private:
  Listener listener_;
  std::vector<TcpSocket> kept_;
};

int option(const TcpSocket& socket, int level, int name) {
  int value = -1;
  socklen_t size = sizeof value;
  getsockopt(socket.native_handle(), level, name, &value, &size);
  return value;
}

template <class Call>
std::system_error failure_of(Call call) {
  try {
    call();
  } catch (const std::system_error& failed) {
    return failed;
  }
  return {0, std::generic_category()};
}

TEST_CASE("tcp: connects, talks, and knows both ends", "[runtime][net][tcp]") {
  const Hub hub;
  Listener listener(kAnyPort);
  const auto serves = spawn([&] {
    auto accepted = listener.accept();
    TcpSocket socket(std::move(accepted.descriptor));
    std::array<char, 5> buffer{};
    socket.write({buffer.data(), socket.read(buffer)});
    return socket.remote_endpoint() == accepted.peer;
  });
  auto socket = net::connect(listener.local_endpoint());
  CHECK(socket.remote_endpoint() == listener.local_endpoint());
  CHECK(socket.local_endpoint().address() == "127.0.0.1");
  socket.write("hello");
  std::array<char, 6> answer{};
  CHECK(socket.read(answer) == 5);
  CHECK(std::string(answer.data(), 5) == "hello");
  CHECK(serves->get());
}

TEST_CASE("tcp: by name", "[runtime][net][tcp]") {
  const Hub hub;
  Listener listener(kAnyPort);
  const auto port = listener.local_endpoint().port();
  CHECK(net::connect("localhost", port).remote_endpoint().port() == port);
  CHECK(net::connect("127.0.0.1", port, 1min).is_open());
  CHECK(net::resolve("127.0.0.1", 80) ==
        std::vector{Endpoint("127.0.0.1", 80)});
  CHECK(net::resolve("::1", 0) == std::vector{Endpoint("::1", 0)});
}

TEST_CASE("tcp: the resolver parks only the greenlet", "[runtime][net][tcp]") {
  std::string log;
  const Hub hub;
  const auto resolves = spawn([&] {
    (void)net::resolve("localhost", 1);
    log += "resolved";
  });
  sleep();
  log += "hub ";
  resolves->join();
  CHECK(log == "hub resolved");
}

TEST_CASE("tcp: a name that does not exist", "[runtime][net][tcp]") {
  const Hub hub;
  const auto failed =
      failure_of([] { (void)net::resolve("no such name!", 80); });
  CHECK(failed.code());
  CHECK(std::string(failed.what()).find("no such name!:80") !=
        std::string::npos);
  CHECK_THROWS_AS(net::connect("no such name!", 80), std::system_error);
}

TEST_CASE("tcp: refused, by address and by name, and nothing stays open",
          "[runtime][net][tcp]") {
  const Hub hub;
  const auto port = free_port();
  (void)failure_of([&] { (void)net::connect("localhost", port); });
  const auto before = open_fds();  // what the resolver keeps is among them

  const Endpoint endpoint("127.0.0.1", port);
  const auto failed = failure_of([&] { (void)net::connect(endpoint); });
  CHECK(failed.code() == std::errc::connection_refused);
  CHECK(std::string(failed.what()).find(endpoint.to_string()) !=
        std::string::npos);
  const auto all = failure_of([&] { (void)net::connect("localhost", port); });
  CHECK(all.code().value() != 0);
  CHECK(std::string(all.what()).find("localhost") != std::string::npos);
  CHECK(open_fds() == before);
}

TEST_CASE("tcp: a connection that takes too long", "[runtime][net][tcp]") {
  const Hub hub;
  const FullListener full;
  const auto before = open_fds();
  const auto failed =
      failure_of([&] { (void)net::connect(full.endpoint(), 1ms); });
  CHECK(failed.code() == std::errc::timed_out);
  const auto by_name = failure_of(
      [&] { (void)net::connect("127.0.0.1", full.endpoint().port(), 1ms); });
  CHECK(by_name.code() == std::errc::timed_out);
  CHECK(open_fds() == before);
}

TEST_CASE("tcp: the limit is for the resolver, too", "[runtime][net][tcp]") {
  const Hub hub;
  Listener listener(kAnyPort);
  const auto failed = failure_of([&] {
    (void)net::connect("localhost", listener.local_endpoint().port(), 0ms);
  });
  CHECK(failed.code() == std::errc::timed_out);
}

TEST_CASE("tcp: a kill or a Timeout in the middle leaves no socket behind",
          "[runtime][net][tcp]") {
  const Hub hub;
  const FullListener full;
  const auto before = open_fds();
  const auto killed = spawn([&] { (void)net::connect(full.endpoint()); });
  sleep();
  CHECK(open_fds() == before + 1);
  CHECK(killed->kill());
  CHECK_FALSE(within(1ms, [&] { (void)net::connect(full.endpoint()); }));
  CHECK(open_fds() == before);
  const auto resolves = spawn([] { (void)net::resolve("localhost", 1); });
  sleep();
  CHECK(resolves->kill());
}

TEST_CASE("tcp: options", "[runtime][net][tcp]") {
  const Hub hub;
  Listener listener(kAnyPort);
  auto socket = net::connect(listener.local_endpoint());
  CHECK(option(socket, IPPROTO_TCP, TCP_NODELAY) != 0);
  socket.set_no_delay(false);
  CHECK(option(socket, IPPROTO_TCP, TCP_NODELAY) == 0);
  socket.set_keep_alive(true);
  CHECK(option(socket, SOL_SOCKET, SO_KEEPALIVE) != 0);
  CHECK((fcntl(socket.native_handle(), F_GETFD) & FD_CLOEXEC) != 0);
  socket.close();
  CHECK_THROWS_AS(socket.set_no_delay(true), std::system_error);
  CHECK_THROWS_AS(TcpSocket(net::Descriptor()), std::system_error);
}

}  // namespace
}  // namespace greenroom::test
