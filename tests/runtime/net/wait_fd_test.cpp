#include "../../support/catch2.hpp"

#include <greenroom/runtime/core/hub.hpp>
#include <greenroom/runtime/net/unique_fd.hpp>
#include <greenroom/runtime/net/wait_fd.hpp>
#include <greenroom/runtime/tasks/join.hpp>
#include <greenroom/runtime/tasks/spawn.hpp>
#include <greenroom/runtime/tasks/timeout.hpp>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;
using detail::UniqueFd;
using net::wait_read;
using net::wait_write;

struct Pipe {
  Pipe() {
    std::array<int, 2> fds{};
    if (pipe(fds.data()) != 0) throw std::runtime_error("pipe");
    out = UniqueFd(fds[0]);
    in = UniqueFd(fds[1]);
  }
  void put() const { CHECK(write(in.get(), "x", 1) == 1); }

  UniqueFd out;
  UniqueFd in;
};

int error_of_wait(int fd) {
  try {
    wait_read(fd);
  } catch (const std::system_error& failed) {
    return failed.code().value();
  }
  return 0;
}

TEST_CASE("wait_fd: parks until there is something to read, or room",
          "[runtime][net][wait_fd]") {
  const Hub hub;
  const Pipe pipe;
  CHECK(wait_write(pipe.in.get()));
  const auto waits = spawn([&] { return wait_read(pipe.out.get()); });
  sleep();
  CHECK_FALSE(waits->ready());
  pipe.put();
  CHECK(waits->get());
  CHECK(wait());  // nobody waits for I/O any more
}

TEST_CASE("wait_fd: several wait for the same, and wake in their order",
          "[runtime][net][wait_fd]") {
  std::vector<int> log;
  const Hub hub;
  const Pipe pipe;
  std::vector<GreenletPtr> all;
  for (int i = 0; i < 3; ++i)
    all.push_back(spawn([&, i] {
      wait_read(pipe.out.get());
      log.push_back(i);
    }));
  sleep();
  CHECK(all[1]->kill());
  pipe.put();
  joinall(all);
  CHECK(log == std::vector<int>{0, 2});
}

TEST_CASE("wait_fd: the end of a pipe is ready", "[runtime][net][wait_fd]") {
  const Hub hub;
  Pipe pipe;
  const auto waits = spawn([&] { return wait_read(pipe.out.get()); });
  sleep();
  pipe.in.reset();
  CHECK(waits->get());

  Pipe other;
  other.out.reset();
  CHECK(wait_write(other.in.get()));
}

TEST_CASE("wait_fd: limits, Timeouts and kills leave nothing behind",
          "[runtime][net][wait_fd]") {
  const Hub hub;
  const Pipe pipe;
  const int fd = pipe.out.get();
  CHECK_FALSE(wait_read(fd, 1ms));
  CHECK_FALSE(wait_read(fd, 0ms));
  CHECK_FALSE(within(1ms, [&] { wait_read(fd); }));
  const auto killed = spawn([&] { wait_read(fd); });
  sleep();
  CHECK(killed->kill());
  CHECK(wait());
  pipe.put();
  CHECK(wait_read(fd, 0ms));  // is ready, however little time there is
}

TEST_CASE("wait_fd: a plain file is always ready", "[runtime][net][wait_fd]") {
  const Hub hub;
  const UniqueFd file(memfd_create("a file", MFD_CLOEXEC));
  CHECK(wait_read(file.get()));
  CHECK(wait_write(file.get()));
}

TEST_CASE("wait_fd: what is not open is EBADF", "[runtime][net][wait_fd]") {
  const Hub hub;
  CHECK(error_of_wait(-1) == EBADF);
  Pipe pipe;
  const int fd = pipe.out.get();
  pipe.out.reset();
  CHECK(error_of_wait(fd) == EBADF);
}

TEST_CASE("wait_fd: leaves the descriptor as it was",
          "[runtime][net][wait_fd]") {
  const Hub hub;
  const Pipe pipe;
  const int before = fcntl(pipe.out.get(), F_GETFL);
  REQUIRE((before & O_NONBLOCK) == 0);
  CHECK_FALSE(wait_read(pipe.out.get(), 1ms));
  CHECK(fcntl(pipe.out.get(), F_GETFL) == before);
}

TEST_CASE("wait_fd: a number that now belongs to another file",
          "[runtime][net][wait_fd]") {
  const Hub hub;
  int fd = -1;
  {
    const Pipe first;
    fd = first.out.get();
    CHECK_FALSE(wait_read(fd, 1ms));
  }
  const Pipe second;
  REQUIRE(second.out.get() == fd);
  CHECK_FALSE(wait_read(fd, 1ms));
  second.put();
  CHECK(wait_read(fd));
}

}  // namespace
}  // namespace greenroom::test
