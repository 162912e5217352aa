#include "../../support/catch2.hpp"
#include "../../support/open_fds.hpp"

#include <greenroom/runtime/core/errors.hpp>
#include <greenroom/runtime/core/hub.hpp>
#include <greenroom/runtime/core/sanitizer.hpp>
#include <greenroom/runtime/net/stream_socket.hpp>
#include <greenroom/runtime/net/unix_socket.hpp>
#include <greenroom/runtime/net/wait_fd.hpp>
#include <greenroom/runtime/tasks/join.hpp>
#include <greenroom/runtime/tasks/spawn.hpp>
#include <greenroom/runtime/tasks/timeout.hpp>

#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <numeric>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;
using net::UnixSocket;

struct Pair {
  explicit Pair(std::pair<UnixSocket, UnixSocket> both = UnixSocket::pair())
      : a(std::move(both.first)), b(std::move(both.second)) {}

  UnixSocket a;
  UnixSocket b;
};

struct Pipe {
  Pipe() {
    if (pipe(fds.data()) != 0) throw std::runtime_error("pipe");
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() { close(); }

  [[nodiscard]] int out() const { return fds[0]; }
  void put() const { CHECK(write(fds[1], "x", 1) == 1); }
  void close() {
    for (int& fd : fds)
      if (fd >= 0) ::close(std::exchange(fd, -1));
  }

  std::array<int, 2> fds{};
};

std::string read_all(UnixSocket& socket) {
  std::string all;
  std::array<char, 1000> buffer{};
  while (const auto count = socket.read_some(buffer))
    all.append(buffer.data(), count);
  return all;
}

void fill(UnixSocket& socket) {
  const std::string much(100000, 'x');
  std::error_code error;
  const Duration before = socket.timeout();
  socket.set_timeout(1ms);
  while (!error) (void)socket.write_some(much, error);
  socket.set_timeout(before);
}

std::error_code error_of_read(UnixSocket& socket) {
  std::array<char, 10> buffer{};
  std::error_code error;
  (void)socket.read_some(buffer, error);
  return error;
}

TEST_CASE("stream socket: bytes both ways, much more than the system keeps",
          "[runtime][net][stream_socket]") {
  const Hub hub;
  Pair pair;
  std::string much(2'000'000, '\0');
  std::iota(much.begin(), much.end(), '\0');
  const auto echoes = spawn([&] {
    std::array<char, 5000> buffer{};
    while (const auto count = pair.b.read_some(buffer))
      pair.b.write({buffer.data(), count});
    pair.b.shutdown_write();
  });
  const auto writes = spawn([&] {
    pair.a.write(much);
    pair.a.shutdown_write();
  });
  CHECK(read_all(pair.a) == much);
  joinall({echoes, writes});
}

TEST_CASE("stream socket: more pieces than one system call takes",
          "[runtime][net][stream_socket]") {
  const Hub hub;
  Pair pair;
  std::vector<std::string> texts;
  std::string all;
  for (int i = 0; i < 100; ++i) all += texts.emplace_back(std::to_string(i));
  std::vector<std::string_view> pieces(texts.begin(), texts.end());
  pair.a.write(std::span(pieces));
  pair.a.close();
  CHECK(read_all(pair.b) == all);
}

TEST_CASE("stream socket: the end of the stream, and writing to nobody",
          "[runtime][net][stream_socket]") {
  const Hub hub;
  Pair pair;
  std::array<char, 10> buffer{};
  CHECK(pair.a.read_some(std::span<char>()) == 0);  // does not wait
  pair.b.close();
  CHECK(pair.a.read_some(buffer) == 0);
  CHECK(pair.a.read(buffer) == 0);
  std::error_code error;
  pair.a.write("x", error);  // and no SIGPIPE
  CHECK(error == std::errc::broken_pipe);
}

TEST_CASE("stream socket: a limit that passes, both ways",
          "[runtime][net][stream_socket]") {
  const Hub hub;
  Pair pair;
  pair.a.set_timeout(1ms);
  CHECK(error_of_read(pair.a) == std::errc::timed_out);
  CHECK_FALSE(pair.a.wait_read(1ms));
  fill(pair.a);
  std::error_code error;
  pair.a.write("x", error);
  CHECK(error == std::errc::timed_out);
  pair.b.write("x");
  CHECK(pair.a.wait_read(0ms));
  pair.a.set_timeout(0ms);
  CHECK_FALSE(error_of_read(pair.a));
}

TEST_CASE("stream socket: closing it while others read and write",
          "[runtime][net][stream_socket]") {
  const Hub hub;
  Pair pair;
  fill(pair.a);
  const auto reads = spawn([&] { return error_of_read(pair.a); });
  const auto writes = spawn([&] {
    std::error_code error;
    pair.a.write("x", error);
    return error;
  });
  sleep();
  pair.a.close();
  const auto bad_descriptor = std::errc::bad_file_descriptor;
  CHECK(reads->get() == bad_descriptor);
  CHECK(writes->get() == bad_descriptor);
  CHECK(error_of_read(pair.a) == bad_descriptor);
  std::error_code error;
  pair.a.shutdown_write(error);
  CHECK(error == bad_descriptor);
  CHECK_THROWS_AS(pair.a.write("x"), std::system_error);
  CHECK_FALSE(pair.a.is_open());
  CHECK_THROWS_AS(pair.a.local_endpoint(), std::system_error);
}

TEST_CASE("stream socket: two readers are a mistake of the program",
          "[runtime][net][stream_socket]") {
  const Hub hub;
  Pair pair;
  const auto reads = spawn([&] { return error_of_read(pair.a); });
  sleep();
  for (int i = 0; i < 2; ++i)
    CHECK_THROWS_AS(error_of_read(pair.a), ConcurrentObjectUseError);
  pair.b.write("x");
  CHECK_FALSE(reads->get());
}

TEST_CASE("stream socket: kill and Timeout leave it as it was",
          "[runtime][net][stream_socket]") {
  const Hub hub;
  Pair pair;
  const auto killed = spawn([&] { error_of_read(pair.a); });
  sleep();
  CHECK(killed->kill());
  CHECK_FALSE(within(1ms, [&] { error_of_read(pair.a); }));
  pair.b.write("hello");
  std::array<char, 5> buffer{};
  CHECK(pair.a.read(buffer) == 5);
  CHECK(wait());  // nobody waits for I/O any more
}

TEST_CASE("stream socket: release() gives it up",
          "[runtime][net][stream_socket]") {
  const Hub hub;
  const auto before = open_fds();
  Pair pair;
  const int fd = pair.a.release();
  CHECK_FALSE(pair.a.is_open());
  net::StreamSocket again{net::Descriptor(fd)};
  again.write("x");
  CHECK_FALSE(error_of_read(pair.b));
  again.close();
  pair.b.close();
  CHECK(open_fds() == before);
}

#if !defined(GREENROOM_TSAN)
TEST_CASE("stream socket: after fork() parent and child talk to each other",
          "[runtime][net][stream_socket][fork]") {
  const Hub hub;
  Pair pair;
  Pair lost;
  Pipe borrowed;
  const auto parked = spawn([&] { return error_of_read(lost.a); });
  const auto borrows =
      spawn([fd = borrowed.out()] { return net::wait_read(fd); });
  sleep();
  const pid_t child = fork();
  if (child == 0) {
    alarm(20);  // rather than hang
    pair.a.close();
    std::array<char, 4> buffer{};
    bool is_fine = pair.b.read(buffer) == 4 && parked->dead();
    pair.b.write("pong");
    // What the lost ones waited for is forgotten: the numbers are free.
    lost.a.close();
    lost.b.close();
    borrowed.close();
    Pair fresh;
    const auto reads = spawn([&] { return error_of_read(fresh.a); });
    const auto waits =
        spawn([&] { return net::wait_read(fresh.b.native_handle()); });
    sleep();
    fresh.a.write("x");
    fresh.b.write("x");
    is_fine = is_fine && !reads->get() && waits->get() && wait();
    _exit(is_fine ? 0 : 1);
  }
  pair.b.close();
  pair.a.write("ping");
  CHECK(read_all(pair.a) == "pong");
  int status = -1;
  CHECK(waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  lost.b.write("x");
  CHECK_FALSE(parked->get());
  borrowed.put();
  CHECK(borrows->get());
}
#endif

}  // namespace
}  // namespace greenroom::test
