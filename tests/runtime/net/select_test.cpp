#include "../../support/catch2.hpp"
#include "../../support/run_hub.hpp"

#include <greenroom/runtime/core/hub.hpp>
#include <greenroom/runtime/net/select.hpp>
#include <greenroom/runtime/net/unique_fd.hpp>
#include <greenroom/runtime/net/unix_socket.hpp>
#include <greenroom/runtime/tasks/join.hpp>
#include <greenroom/runtime/tasks/spawn.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>

#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <list>
#include <set>
#include <stdexcept>
#include <string>
#include <system_error>
#include <type_traits>
#include <vector>

namespace greenroom::test {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using detail::UniqueFd;
using net::select;
using net::Selected;
using net::UnixSocket;

using Fds = std::vector<int>;
using Log = std::vector<std::string>;

struct Pipe {
  Pipe() {
    std::array<int, 2> fds{};
    if (pipe(fds.data()) != 0) throw std::runtime_error("pipe");
    out = UniqueFd(fds[0]);
    in = UniqueFd(fds[1]);
  }
  void put() const { CHECK(write(in.get(), "x", 1) == 1); }
  void take() const {
    char c = 0;
    CHECK(read(out.get(), &c, 1) == 1);
  }

  UniqueFd out;
  UniqueFd in;
};

// Lets those that called select() park: it gives way first.
void let_park() {
  sleep();
  sleep();
}

template <class Call>
int error_of(Call call) {
  try {
    call();
  } catch (const std::system_error& failed) {
    return failed.code().value();
  }
  return 0;
}

TEST_CASE("select: says which are ready, both ways", "[runtime][net][select]") {
  const Hub hub;
  const Pipe empty;
  const Pipe full;
  full.put();
  const auto found = select({empty.out.get(), full.out.get()}, {full.in.get()});
  CHECK(found == Selected{{full.out.get()}, {full.in.get()}});
}

TEST_CASE("select: parks only the greenlet that asks",
          "[runtime][net][select]") {
  Log log;
  const Hub hub;
  const Pipe pipe;
  const auto selects = spawn([&] {
    const auto found = select({pipe.out.get()}, {});
    log.push_back(found.readable == Fds{pipe.out.get()} ? "ready" : "other");
  });
  let_park();
  log.emplace_back("put");
  pipe.put();
  selects->join();
  CHECK(log == Log{"put", "ready"});
}

TEST_CASE("select: takes any range of numbers, or of objects that have one",
          "[runtime][net][select]") {
  const Hub hub;
  const auto [a, b] = UnixSocket::pair();
  const std::set<int> set{b.native_handle(), a.native_handle()};
  std::array<UnixSocket, 2> sockets;
  auto pair = UnixSocket::pair();
  sockets[0] = std::move(pair.first);
  sockets[1] = std::move(pair.second);
  CHECK(select({}, set).writable == Fds(set.begin(), set.end()));
  CHECK(select({}, {a}).writable == Fds{a.native_handle()});
  CHECK(select({}, sockets).writable.size() == 2);
  CHECK(select({}, std::list<int>{a.native_handle()}).writable.size() == 1);
  asio::io_context context;  // Asio's tell their number only if not const
  asio::local::stream_protocol::acceptor acceptor(
      context, asio::local::stream_protocol());
  CHECK(select({}, {a, acceptor}, 0ms).writable.size() >= 1);

  // A text is a range of numbers, too, and no list of descriptors.
  STATIC_REQUIRE_FALSE(std::is_convertible_v<std::string, net::FdList>);
  STATIC_REQUIRE_FALSE(std::is_convertible_v<const char*, net::FdList>);
  STATIC_REQUIRE_FALSE(std::is_convertible_v<std::vector<bool>, net::FdList>);
  STATIC_REQUIRE_FALSE(std::is_convertible_v<double, net::Fd>);
}

TEST_CASE("select: without descriptors it sleeps", "[runtime][net][select]") {
  run_hub([](TestHub& h) {
    CHECK(select({}, {}, 2s) == Selected{});
    CHECK(h.elapsed() == 2s);
  });
}

TEST_CASE("select: a limit that passes gives nothing",
          "[runtime][net][select]") {
  const Hub hub;
  const Pipe pipe;
  CHECK(select({pipe.out.get()}, {}, 1ms) == Selected{});
  CHECK(select({pipe.out.get()}, {}, 0ms) == Selected{});
  CHECK_THROWS_AS(select({pipe.out.get()}, {}, -1ms), std::invalid_argument);
}

TEST_CASE("select: gives way once, and looks after that",
          "[runtime][net][select]") {
  Log log;
  const Hub hub;
  const Pipe pipe;
  pipe.put();
  const auto other = spawn([&] {
    log.emplace_back("other");
    pipe.take();
  });
  CHECK(select({pipe.out.get()}, {}, 0ms) == Selected{});
  log.emplace_back("selected");
  CHECK(log == Log{"other", "selected"});
}

TEST_CASE("select: a closed descriptor is EBADF", "[runtime][net][select]") {
  const Hub hub;
  const Pipe pipe;
  Pipe gone;
  const int fd = gone.out.get();
  gone.out.reset();
  CHECK(error_of([&] { (void)select({pipe.out.get(), fd}, {}); }) == EBADF);
  CHECK(error_of([] { (void)select({-1}, {}); }) == EBADF);
}

TEST_CASE("select: a socket that another greenlet closes is EBADF",
          "[runtime][net][select]") {
  int error = 0;
  const Hub hub;
  auto [a, b] = UnixSocket::pair();
  const auto selects = spawn([&error, &socket = a] {
    error = error_of([&socket] { (void)select({socket}, {}); });
  });
  let_park();
  a.close();
  const auto reuses_the_number = UnixSocket::pair();
  selects->join();
  CHECK(error == EBADF);
}

TEST_CASE("select: the end of a stream is ready, and so is a file",
          "[runtime][net][select]") {
  const Hub hub;
  Pipe pipe;
  pipe.in.reset();
  CHECK(select({pipe.out.get()}, {}).readable == Fds{pipe.out.get()});
  const UniqueFd file(memfd_create("a file", MFD_CLOEXEC));
  CHECK(select({file.get()}, {file.get()}) ==
        Selected{{file.get()}, {file.get()}});
}

TEST_CASE("select: what is asked for twice is there twice",
          "[runtime][net][select]") {
  const Hub hub;
  const Pipe pipe;
  const int fd = pipe.out.get();
  const auto selects = spawn([&] { return select({fd, fd}, {}).readable; });
  let_park();
  pipe.put();
  CHECK(selects->get() == Fds{fd, fd});
}

TEST_CASE("select: several greenlets may ask for the same",
          "[runtime][net][select]") {
  const Hub hub;
  const Pipe pipe;
  const int fd = pipe.out.get();
  const auto select_it = [&] { return select({fd}, {}).readable; };
  const auto first = spawn(select_it);
  const auto second = spawn(select_it);
  let_park();
  pipe.put();
  CHECK(first->get() == Fds{fd});
  CHECK(second->get() == Fds{fd});
}

TEST_CASE("select: a kill leaves nothing behind", "[runtime][net][select]") {
  const Hub hub;
  const Pipe pipe;
  const int fd = pipe.out.get();
  const auto killed = spawn([&] { (void)select({fd}, {fd}); });
  const auto goes_on = spawn([&] { return select({fd}, {}).readable; });
  let_park();
  CHECK(killed->kill());
  pipe.put();
  CHECK(goes_on->get() == Fds{fd});
  CHECK(wait());  // nobody waits for I/O any more
}

}  // namespace
}  // namespace greenroom::test
