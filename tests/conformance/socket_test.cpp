// gevent's sockets, number by number: README.md.

#include "../support/catch2.hpp"
#include "../support/read_all.hpp"

#include <greenroom/runtime/core/errors.hpp>
#include <greenroom/runtime/core/hub.hpp>
#include <greenroom/runtime/net/listener.hpp>
#include <greenroom/runtime/net/tcp_socket.hpp>
#include <greenroom/runtime/net/unix_socket.hpp>
#include <greenroom/runtime/sync/event.hpp>
#include <greenroom/runtime/tasks/join.hpp>
#include <greenroom/runtime/tasks/spawn.hpp>

#include <sys/socket.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;
using net::Endpoint;
using net::Listener;
using net::TcpSocket;
using net::UnixSocket;

using Log = std::vector<std::string>;

const Endpoint kAnywhere("127.0.0.1", 0);

// Writes until the socket takes no more.
void fill(UnixSocket& socket) {
  const std::string much(100'000, 'x');
  socket.set_timeout(0s);
  std::error_code error;
  while (!error) (void)socket.write_some(much, error);
  socket.set_timeout(forever);
}

std::size_t open_descriptors() {
  const std::filesystem::directory_iterator all("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

// A listener whose queue is full, so that every connect waits.
class FullListener {
 public:
  FullListener() : listener_(kAnywhere, {.backlog = 0}) {
    const Endpoint place = listener_.local_endpoint();
    // The system rounds up; one more than it takes is left waiting.
    for (;;) {
      try {
        clients_.push_back(net::connect(place, 50ms));
      } catch (const std::system_error& error) {
        if (error.code() != std::errc::timed_out) throw;
        return;
      }
    }
  }

  [[nodiscard]] Endpoint endpoint() const { return listener_.local_endpoint(); }

 private:
  Listener listener_;
  std::vector<TcpSocket> clients_;
};

TEST_CASE("gevent 251: a call blocks its greenlet only, if it blocks at all",
          "[conformance][socket]") {
  const Hub hub;  // issue #892
  Log log;
  auto [a, b] = UnixSocket::pair();
  const auto reader =
      spawn([&, &socket = a] { log.push_back(read_once(socket)); });
  sleep();
  log.emplace_back("others run meanwhile");
  b.write("one");
  reader->join();

  const auto other = spawn([&] { log.emplace_back("other"); });
  b.write("two");  // there already, so no switch
  log.push_back(read_once(a));
  other->join();
  CHECK(log == Log{"others run meanwhile", "one", "two", "other"});
}

TEST_CASE("gevent 252: a close wakes the greenlets that wait, with EBADF",
          "[conformance][socket]") {
  // test__socket_close.Test.test_recv_closed,
  // test__hub.TestCloseSocketWhilePolling.test
  const Hub hub;
  auto [a, b] = UnixSocket::pair();
  const auto reader = spawn([&, &socket = a] { return read_once(socket); });
  sleep();
  a.close();
  try {
    reader->get();
    FAIL("it read something");
  } catch (const std::system_error& error) {
    CHECK(error.code() == std::errc::bad_file_descriptor);
  }

  Listener listener(kAnywhere);
  const auto acceptor = spawn([&] { (void)listener.accept(); });
  sleep();
  listener.close();
  CHECK_THROWS_AS(acceptor->get(), std::system_error);
}

TEST_CASE("gevent 253: the second of two readers gets an error",
          "[conformance][socket]") {
  const Hub hub;  // test__socket_close.Test.test_recv_twice
  auto [a, b] = UnixSocket::pair();
  std::string got;
  const auto first = spawn([&, &socket = a] { got = read_once(socket); });
  sleep();
  for (int i = 0; i < 2; ++i)
    CHECK_THROWS_AS(read_once(a), ConcurrentObjectUseError);
  b.write("hello");
  first->join();
  CHECK(got == "hello");
}

TEST_CASE("gevent 254: one may read while another writes",
          "[conformance][socket]") {
  const Hub hub;  // test__socket.TestTCP.test_fullduplex
  auto both = UnixSocket::pair();
  const std::string much(2'000'000, 'x');
  std::string got;
  const auto write = [&](UnixSocket& socket) {
    socket.write(much);
    socket.shutdown_write();
  };
  std::string got_back;
  joinall({spawn([&] { write(both.first); }),
           spawn([&] { write(both.second); }),
           spawn([&] { got = read_all(both.second); }),
           spawn([&] { got_back = read_all(both.first); })});
  CHECK(got == much);
  CHECK(got_back == much);
}

TEST_CASE("gevent 255: a timeout limits a call, of write(), all of it",
          "[conformance][socket]") {
  // test__socket_timeout.Test.test_timeout,
  // test__socket.TestTCP.test_recv_timeout, .test_sendall_timeout
  const Hub hub;
  auto both = UnixSocket::pair();
  both.first.set_timeout(1ms);
  std::error_code error;
  std::array<char, 10> buffer{};
  CHECK(both.first.read_some(buffer, error) == 0);
  CHECK(error == std::errc::timed_out);
  try {
    (void)both.first.read_some(buffer);
    FAIL("it read something");
  } catch (const std::system_error& failure) {
    CHECK(failure.code() == std::errc::timed_out);
  }

  // The other side reads a little, again and again: each step is in time, the
  // whole is not.
  fill(both.first);
  both.first.set_timeout(20ms);
  const auto sipping = spawn([&] {
    std::array<char, 10'000> sip{};
    for (;;) {
      if (both.second.read_some(sip) == 0) return;
      sleep(1ms);
    }
  });
  both.first.write(std::string(8'000'000, 'x'), error);
  CHECK(error == std::errc::timed_out);
  sipping->kill();
}

TEST_CASE("gevent 256: writing nothing returns at once",
          "[conformance][socket]") {
  // test__socket.TestTCP.test_sendall_empty, .test_empty_send
  const Hub hub;
  auto [a, b] = UnixSocket::pair();
  fill(a);
  const Duration limit = GENERATE(Duration::zero(), Duration(10ms), forever);
  a.set_timeout(limit);
  a.write("");
  std::error_code error;
  a.write("", error);
  CHECK_FALSE(error);
}

TEST_CASE("gevent 256: with no time at all, a call tries once",
          "[conformance][socket]") {
  // test__socket.TestTCP.test_sendall_nonblocking
  const Hub hub;
  auto [a, b] = UnixSocket::pair();
  a.set_timeout(0s);
  a.write("tried");
  CHECK(read_once(b) == "tried");
}

TEST_CASE(
    "gevent 258: a refused connect is an error, an interrupted one closes its "
    "socket",
    "[conformance][socket]") {
  // test__socket.TestCreateConnection.test_refuses, .test_base_exception
  const Hub hub;
  const Endpoint nobody = Listener(kAnywhere).local_endpoint();
  CHECK_THROWS_WITH(net::connect(nobody),
                    Contains("refused") && Contains(nobody.to_string()));
  CHECK_THROWS_WITH(net::connect("localhost", nobody.port()),
                    Contains("refused"));

  const FullListener full;
  const auto before = open_descriptors();
  const auto connecting = spawn([&] { (void)net::connect(full.endpoint()); });
  sleep();
  CHECK(open_descriptors() == before + 1);
  connecting->kill();
  CHECK(open_descriptors() == before);
  CHECK_THROWS_AS(
      with_timeout(1ms, [&] { (void)net::connect(full.endpoint()); }),
      TimeoutError);
  CHECK(open_descriptors() == before);
}

TEST_CASE("gevent 260: shutdown on a closed socket fails",
          "[conformance][socket]") {
  const Hub hub;  // test__socket.TestSocket.test_shutdown_when_closed
  auto [a, b] = UnixSocket::pair();
  a.close();
  CHECK_THROWS_AS(a.shutdown_write(), std::system_error);
  std::error_code error;
  a.shutdown_write(error);
  CHECK(error == std::errc::bad_file_descriptor);
}

}  // namespace
}  // namespace greenroom::test
