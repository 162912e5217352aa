#include "../../support/catch2.hpp"

#include <greenroom/runtime/core/hub.hpp>
#include <greenroom/runtime/net/selector.hpp>
#include <greenroom/runtime/net/unix_socket.hpp>
#include <greenroom/runtime/tasks/spawn.hpp>

#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;
using net::Events;
using net::Selector;
using net::UnixSocket;

TEST_CASE("selector: gives back what was kept with each descriptor",
          "[runtime][net][selector]") {
  std::vector<std::string> log;
  const Hub hub;
  auto [a, b] = UnixSocket::pair();
  Selector<std::function<void(Events)>> selector;
  selector.add(a, Events::read, [&](Events events) {
    log.push_back(events == Events::read ? "a reads" : "a");
  });
  selector.add(b, Events::write, [&](Events events) {
    log.push_back(events == Events::write ? "b writes" : "b");
  });
  b.write("x");
  for (const auto& ready : selector.select()) (*ready.data)(ready.events);
  CHECK(log == std::vector<std::string>{"a reads", "b writes"});
}

TEST_CASE("selector: its data may be move-only, and remove() gives them back",
          "[runtime][net][selector]") {
  const Hub hub;
  auto [a, b] = UnixSocket::pair();
  Selector<std::unique_ptr<int>> selector;
  selector.add(a, Events::write, std::make_unique<int>(1));
  selector.add(a, Events::write, std::make_unique<int>(2));
  REQUIRE(selector.find(a) != nullptr);
  CHECK(**selector.find(a) == 2);
  selector.modify(a, Events::read);
  CHECK(selector.select(0ms).empty());
  CHECK(*selector.remove(a) == 2);
  CHECK(selector.find(a) == nullptr);
  CHECK(selector.empty());
  CHECK_THROWS_AS(selector.remove(a), std::out_of_range);
  CHECK_THROWS_AS(selector.modify(b, Events::read), std::out_of_range);
}

TEST_CASE("selector: what is removed meanwhile is not among the answers",
          "[runtime][net][selector]") {
  const Hub hub;
  auto [a, b] = UnixSocket::pair();
  Selector<int> selector;
  selector.add(a, Events::read, 1);
  const auto selects = spawn([&] { return selector.select().size(); });
  sleep();
  sleep();
  selector.remove(a);
  b.write("x");
  CHECK(selects->get() == 0);
}

}  // namespace
}  // namespace greenroom::test
