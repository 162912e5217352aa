#include "../../support/catch2.hpp"
#include "../../support/dies.hpp"
#include "../../support/open_fds.hpp"

#include <greenroom/runtime/core/errors.hpp>
#include <greenroom/runtime/core/hub.hpp>
#include <greenroom/runtime/core/sanitizer.hpp>
#include <greenroom/runtime/net/descriptor.hpp>
#include <greenroom/runtime/net/wait_fd.hpp>
#include <greenroom/runtime/tasks/join.hpp>
#include <greenroom/runtime/tasks/spawn.hpp>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;
using net::Descriptor;
using net::Direction;

std::array<int, 2> make_pair() {
  std::array<int, 2> fds{};
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds.data()) != 0)
    throw std::runtime_error("socketpair");
  return fds;
}

struct Pair {
  explicit Pair(const std::array<int, 2>& fds = make_pair())
      : a(fds[0]), b(fds[1]) {}

  Descriptor a;
  Descriptor b;
};

void put(const Descriptor& to) { CHECK(write(to.get(), "x", 1) == 1); }

bool is_open(int fd) { return fcntl(fd, F_GETFD) >= 0; }

template <class Call>
int error_of(Call call) {
  try {
    call();
  } catch (const std::system_error& failed) {
    return failed.code().value();
  }
  return 0;
}

TEST_CASE("descriptor: owns what it was given", "[runtime][net][descriptor]") {
  const Hub hub;
  const auto before = open_fds();
  {
    Pair pair;
    const int fd = pair.a.get();
    CHECK((fcntl(fd, F_GETFL) & O_NONBLOCK) != 0);
    Descriptor moved = std::move(pair.a);
    CHECK(moved.get() == fd);
    CHECK_FALSE(pair.a.is_open());
    pair.b = std::move(moved);
    CHECK(pair.b.get() == fd);
    CHECK(open_fds() == before + 1);
  }
  CHECK(open_fds() == before);
}

TEST_CASE("descriptor: release() gives it back open",
          "[runtime][net][descriptor]") {
  const Hub hub;
  Pair pair;
  const int fd = pair.a.get();
  CHECK(pair.a.release() == fd);
  CHECK(pair.a.release() == -1);
  CHECK_FALSE(pair.a.is_open());
  CHECK(is_open(fd));
  pair.a = Descriptor(fd);  // and it can be taken over again
  put(pair.b);
  CHECK(pair.a.wait(Direction::read));
}

TEST_CASE("descriptor: what cannot be waited for throws",
          "[runtime][net][descriptor]") {
  const Hub hub;
  const auto make = [](int fd) {
    return error_of([&] { const Descriptor descriptor(fd); });
  };
  CHECK(make(-1) == EBADF);
  CHECK(make(100000) == EBADF);
  Descriptor none;
  CHECK(error_of([&] { none.wait(Direction::read); }) == EBADF);
  none.close();
  CHECK(none.release() == -1);
}

TEST_CASE("descriptor: waits until it is ready", "[runtime][net][descriptor]") {
  const Hub hub;
  Pair pair;
  const auto waits = spawn([&] { return pair.a.wait(Direction::read); });
  sleep();
  CHECK_FALSE(waits->ready());
  put(pair.b);
  CHECK(waits->get());
  CHECK(pair.a.wait(Direction::write));
}

TEST_CASE("descriptor: a limit that passes is false, if it is not ready",
          "[runtime][net][descriptor]") {
  const Hub hub;
  Pair pair;
  CHECK_FALSE(pair.a.wait(Direction::read, 0ms));
  CHECK_FALSE(pair.a.wait(Direction::read, 1ms));
  put(pair.b);
  CHECK(pair.a.wait(Direction::read, 0ms));
  CHECK(pair.a.wait(Direction::write, 0ms));
}

TEST_CASE("descriptor: one reads while another writes, two may not read",
          "[runtime][net][descriptor]") {
  const Hub hub;
  Pair pair;
  std::array<char, 4096> full{};
  while (write(pair.a.get(), full.data(), full.size()) > 0) {
  }
  const auto reads = spawn([&] { return pair.a.wait(Direction::read); });
  const auto writes = spawn([&] { return pair.a.wait(Direction::write); });
  sleep();
  for (int i = 0; i < 2; ++i) {
    CHECK_THROWS_AS(pair.a.wait(Direction::read), ConcurrentObjectUseError);
    CHECK_THROWS_WITH(pair.a.wait(Direction::write),
                      "another greenlet already waits to write to fd " +
                          std::to_string(pair.a.get()) +
                          "; only one at a time may");
  }
  CHECK_FALSE(reads->ready());
  put(pair.b);
  CHECK(reads->get());
  while (read(pair.b.get(), full.data(), full.size()) > 0) {
  }
  CHECK(writes->get());
}

TEST_CASE("descriptor: closing it wakes whoever waits, with EBADF",
          "[runtime][net][descriptor]") {
  const Hub hub;
  Pair pair;
  const auto wait = [&] {
    return error_of([&] { pair.a.wait(Direction::read); });
  };
  const auto borrows = [fd = pair.a.get()] {
    return error_of([&] { net::wait_read(fd); });
  };
  const auto waits = spawn(wait);
  const auto also_waits = spawn(borrows);
  sleep();
  pair.a.close();
  const Pair reuses_the_number;
  CHECK(waits->get() == EBADF);
  CHECK(also_waits->get() == EBADF);
  CHECK(wait() == EBADF);
}

TEST_CASE("descriptor: releasing it wakes whoever waits, with EBADF",
          "[runtime][net][descriptor]") {
  const Hub hub;
  Pair pair;
  const auto waits =
      spawn([&] { return error_of([&] { pair.a.wait(Direction::read); }); });
  sleep();
  const int fd = pair.a.release();
  CHECK(waits->get() == EBADF);
  CHECK(close(fd) == 0);
}

TEST_CASE("descriptor: a kill in the middle leaves it usable",
          "[runtime][net][descriptor]") {
  const Hub hub;
  Pair pair;
  const auto killed = spawn([&] { pair.a.wait(Direction::read); });
  sleep();
  CHECK(killed->kill());
  put(pair.b);
  CHECK(pair.a.wait(Direction::read));
  CHECK(wait());  // nobody waits for I/O any more
}

TEST_CASE("descriptor: a number that was closed behind its back can be reused",
          "[runtime][net][descriptor]") {
  const Hub hub;
  std::optional<Pair> first(std::in_place);
  const int fd = first->a.get();
  close(fd);
  const Descriptor same(dup(first->b.get()));
  REQUIRE(same.get() == fd);
  CHECK_FALSE(first->a.is_open());
  first.reset();
  CHECK(is_open(fd));
}

TEST_CASE("descriptor: closes with its hub, and may outlive it",
          "[runtime][net][descriptor]") {
  { const Hub first; }  // the bell of its door stays, for the next one
  const auto before = open_fds();
  {
    std::optional<Pair> outlives;
    bool came_back = false;
    {
      const Hub hub;
      outlives.emplace();
      spawn([&] {
        outlives->a.wait(Direction::read);
        came_back = true;
      });
      sleep();
    }
    CHECK_FALSE(came_back);
    CHECK_FALSE(outlives->a.is_open());
    CHECK(open_fds() == before);
    CHECK(error_of([&] { outlives->a.wait(Direction::read); }) == EBADF);
  }
  const Hub next;
  Pair pair;
  put(pair.b);
  CHECK(pair.a.wait(Direction::read));
}

TEST_CASE("descriptor: using another thread's aborts",
          "[runtime][net][descriptor]") {
  const auto death = death_of([] {
    const Hub hub({.name = "owner"});
    Pair pair;
    std::thread([&] {
      const Hub other({.name = "thief"});
      pair.a.wait(Direction::read);
    }).join();
  });
  CHECK(death.signal == SIGABRT);
  CHECK(death.message.find("thief") != std::string::npos);
}

}  // namespace
}  // namespace greenroom::test
