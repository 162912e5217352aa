#include "../../support/catch2.hpp"

#include <greenroom/runtime/core/hub.hpp>
#include <greenroom/runtime/net/poll.hpp>
#include <greenroom/runtime/net/unix_socket.hpp>
#include <greenroom/runtime/tasks/spawn.hpp>

#include <stdexcept>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;
using net::Events;
using net::Poll;
using net::UnixSocket;

using Answers = std::vector<Poll::Ready>;

TEST_CASE("poll: tells what each is ready for, in the order of add()",
          "[runtime][net][poll]") {
  const Hub hub;
  auto [a, b] = UnixSocket::pair();
  Poll poll;
  poll.add(b, Events::read);
  poll.add(a);
  CHECK(poll.poll() == Answers{{a.native_handle(), Events::write}});
  a.write("x");
  CHECK(poll.poll() == Answers{{b.native_handle(), Events::read},
                               {a.native_handle(), Events::write}});
}

TEST_CASE("poll: modify() replaces the events, remove() ends them",
          "[runtime][net][poll]") {
  const Hub hub;
  auto [a, b] = UnixSocket::pair();
  Poll poll;
  CHECK(poll.empty());
  poll.add(a, Events::write);
  poll.modify(a, Events::read);
  CHECK(poll.poll(0ms).empty());
  poll.add(a, Events::write);  // again: replaces
  CHECK(poll.poll(0ms) == Answers{{a.native_handle(), Events::write}});
  poll.remove(a);
  CHECK_FALSE(poll.contains(a));
  CHECK(poll.poll(0ms).empty());
}

TEST_CASE("poll: what was not added cannot be changed",
          "[runtime][net][poll]") {
  const Hub hub;
  Poll poll;
  CHECK_THROWS_WITH(poll.remove(7), "fd 7 was not added to this Poll");
  CHECK_THROWS_AS(poll.modify(7, Events::read), std::out_of_range);
  CHECK_THROWS_AS(poll.add(7, Events::none), std::invalid_argument);
  CHECK_THROWS_AS(poll.add(-1), std::invalid_argument);
  CHECK(poll.empty());
}

TEST_CASE("poll: the other end's close is a hangup", "[runtime][net][poll]") {
  const Hub hub;
  auto [a, b] = UnixSocket::pair();
  Poll poll;
  poll.add(a, Events::read);
  const auto polls = spawn([&] { return poll.poll(); });
  sleep();
  sleep();
  b.close();
  const auto answers = polls->take();
  REQUIRE(answers.size() == 1);
  CHECK(has_any(answers[0].events, Events::hangup));
}

TEST_CASE("poll: a descriptor that gets closed is invalid",
          "[runtime][net][poll]") {
  const Hub hub;
  auto [a, b] = UnixSocket::pair();
  const int fd = a.native_handle();
  Poll poll;
  poll.add(a, Events::read);
  const auto polls = spawn([&] { return poll.poll(); });
  sleep();
  sleep();
  a.close();
  CHECK(polls->get() == Answers{{fd, Events::invalid}});
  CHECK(poll.poll() == Answers{{fd, Events::invalid}});
  poll.remove(fd);
  CHECK(poll.empty());
}

TEST_CASE("poll: others may add and remove while it parks",
          "[runtime][net][poll]") {
  const Hub hub;
  auto [a, b] = UnixSocket::pair();
  Poll poll;
  poll.add(a, Events::read);
  const auto polls = spawn([&] { return poll.poll(); });
  sleep();
  sleep();
  poll.remove(a);
  poll.add(b, Events::write);
  b.write("x");
  CHECK(polls->get() == Answers{{a.native_handle(), Events::read}});
  CHECK(poll.poll() == Answers{{b.native_handle(), Events::write}});
}

TEST_CASE("poll: a negative limit is no limit", "[runtime][net][poll]") {
  const Hub hub;
  auto [a, b] = UnixSocket::pair();
  Poll poll;
  poll.add(a, Events::read);
  const auto polls = spawn([&] { return poll.poll(-1ms); });
  sleep();
  sleep();
  CHECK_FALSE(polls->ready());
  b.write("x");
  CHECK(polls->get().size() == 1);
}

}  // namespace
}  // namespace greenroom::test
