// gevent's select, poll and selectors, and waiting for descriptors, number by
// number: README.md.

#include "../support/catch2.hpp"
#include "../support/run_hub.hpp"

#include <greenroom/runtime/core/hub.hpp>
#include <greenroom/runtime/net/descriptor.hpp>
#include <greenroom/runtime/net/poll.hpp>
#include <greenroom/runtime/net/select.hpp>
#include <greenroom/runtime/net/selector.hpp>
#include <greenroom/runtime/net/unix_socket.hpp>
#include <greenroom/runtime/net/wait_fd.hpp>
#include <greenroom/runtime/tasks/spawn.hpp>
#include <greenroom/runtime/tasks/timeout.hpp>

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <list>
#include <stdexcept>
#include <string>
#include <system_error>
#include <type_traits>
#include <utility>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;
using net::Descriptor;
using net::Events;
using net::Poll;
using net::select;
using net::Selected;
using net::Selector;
using net::UnixSocket;

using Fds = std::vector<int>;
using Log = std::vector<std::string>;

int code_of_select(int fd) {
  try {
    (void)select({fd}, {}, 1s);
  } catch (const std::system_error& failed) {
    return failed.code().value();
  }
  return 0;
}

// The two ends of a pipe: what is written into the second comes out of the
// first.
std::pair<Descriptor, Descriptor> make_pipe() {
  std::array<int, 2> fds{};
  if (pipe(fds.data()) != 0) throw std::runtime_error("pipe");
  return {Descriptor(fds[0]), Descriptor(fds[1])};
}

TEST_CASE("gevent 261: select of nothing is a cooperative sleep",
          "[conformance][select]") {
  // test__select.TestSelect, TestSelectRead.test_errno
  Log log;
  run_hub([&](TestHub& h) {
    const auto other = spawn([&] {
      sleep(1s);
      log.emplace_back("other");
    });
    CHECK(select({}, {}, 2s) == Selected{});
    log.emplace_back("selected");
    CHECK(h.elapsed() == 2s);
    CHECK_THROWS_AS(select({}, {}, -1s), std::invalid_argument);
  });
  CHECK(log == Log{"other", "selected"});

  const Hub hub;
  auto pipe = make_pipe();
  const int fd = pipe.first.get();
  pipe.first.close();
  CHECK(code_of_select(fd) == EBADF);
}

TEST_CASE("gevent 262: select takes numbers, objects and any range",
          "[conformance][select]") {
  const Hub hub;  // test__select.TestSelectTypes
  auto [a, b] = UnixSocket::pair();
  const int fd = a.native_handle();
  const Fds only{fd};
  CHECK(select({}, {fd}).writable == only);
  CHECK(select({}, {a}).writable == only);
  CHECK(select({}, std::list<int>{fd}).writable == only);
  CHECK(select({}, std::array<int, 1>{fd}).writable == only);
  STATIC_REQUIRE_FALSE(std::is_convertible_v<std::string, net::FdList>);
}

TEST_CASE("gevent 263: select gives way once, ready or not",
          "[conformance][select]") {
  const Hub hub;
  auto [a, b] = UnixSocket::pair();
  int turns = 0;
  const auto count = [&] { ++turns; };
  spawn(count);
  CHECK(select({}, {a}).writable.size() == 1);
  CHECK(turns == 1);
  spawn(count);
  CHECK(select({a}, {}, 0s) == Selected{});
  CHECK(turns == 2);
}

TEST_CASE("gevent 264: the same descriptor twice is reported twice",
          "[conformance][select]") {
  const Hub hub;  // issue 91
  auto [a, b] = UnixSocket::pair();
  const int fd = a.native_handle();
  b.write("x");
  CHECK(select({a, fd}, {fd, a}) == Selected{{fd, fd}, {fd, fd}});
}

TEST_CASE("gevent 265: a poll's limit, and a descriptor that was not added",
          "[conformance][select]") {
  // test__select.TestPollRead. In milliseconds there, durations here.
  const Hub hub;
  auto [a, b] = UnixSocket::pair();
  Poll poll;
  poll.add(a, Events::read);
  CHECK(poll.poll(1ms).empty());
  const auto waits = spawn([&] { return poll.poll(-1ms).size(); });
  sleep(1ms);
  b.write("x");
  CHECK(waits->get() == 1);
  CHECK_THROWS_AS(poll.remove(b), std::out_of_range);
}

TEST_CASE("gevent 266: a close ends select and poll in other greenlets",
          "[conformance][select]") {
  // test__select.TestPossibleCrashes, test__selectors.TestPossibleCrashes
  const Hub hub;
  auto [a, b] = UnixSocket::pair();
  const int fd = a.native_handle();
  Poll poll;
  poll.add(a, Events::read);
  Selector<int> selector;
  selector.add(a, Events::read, 1);
  const auto selects = spawn([&] { return code_of_select(fd); });
  const auto polls = spawn([&] { return poll.poll(); });
  const auto selects_too =
      spawn([&] { return selector.select().at(0).events; });
  sleep();
  sleep();  // all are parked
  a.close();
  CHECK(selects->get() == EBADF);
  CHECK(polls->get() == std::vector<Poll::Ready>{{fd, Events::invalid}});
  CHECK(selects_too->get() == Events::invalid);
}

TEST_CASE("gevent 267: each answer of a selector has data and events",
          "[conformance][select]") {
  // test__selectors.GeventSelectorTest.test_select_using_socketpair,
  // .test_select_many_sockets
  constexpr int kPairs = 100;
  const Hub hub;
  Selector<int> selector;
  std::vector<std::pair<UnixSocket, UnixSocket>> pairs;
  for (int i = 0; i < kPairs; ++i) {
    pairs.push_back(UnixSocket::pair());
    selector.add(pairs.back().second, Events::read, i);
  }
  const auto writes = spawn([&] {
    for (auto& pair : pairs) {
      pair.first.write("x");
      sleep();
    }
  });
  std::vector<int> heard;
  while (!selector.empty())
    for (const auto& ready : selector.select()) {
      CHECK(ready.events == Events::read);
      heard.push_back(selector.remove(ready.fd));
    }
  std::sort(heard.begin(), heard.end());
  CHECK(heard.size() == kPairs);
  CHECK(heard.back() == kPairs - 1);
}

TEST_CASE("gevent 268: wait_read() waits for a pipe, or until a limit",
          "[conformance][select]") {
  // test__socket.TestFunctions.test_wait_timeout. Here a limit that passes is
  // an answer, not an exception.
  const Hub hub;
  auto pipe = make_pipe();
  const int fd = pipe.first.get();
  CHECK_FALSE(net::wait_read(fd, 1ms));
  const auto waits = spawn([&] { return net::wait_read(fd); });
  sleep();
  CHECK_FALSE(waits->ready());
  CHECK(write(pipe.second.get(), "x", 1) == 1);
  CHECK(waits->get());
  CHECK(net::wait_read(fd, 0ms));
}

}  // namespace
}  // namespace greenroom::test
