// What gevent's monkey patching achieves, without patching: README.md.

#include "../support/catch2.hpp"

#include <greenroom/runtime/core/hub.hpp>
#include <greenroom/runtime/net/unique_fd.hpp>
#include <greenroom/runtime/tasks/join.hpp>
#include <greenroom/runtime/tasks/spawn.hpp>
#include <greenroom/runtime/tasks/thread_pool.hpp>

#include <unistd.h>

#include <array>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <vector>

namespace greenroom::test {
namespace {

using detail::UniqueFd;

struct Pipe {
  Pipe() {
    std::array<int, 2> fds{};
    if (pipe(fds.data()) != 0) throw std::runtime_error("pipe");
    out = UniqueFd(fds[0]);
    in = UniqueFd(fds[1]);
  }
  UniqueFd out;
  UniqueFd in;
};

// Knows nothing of greenlets, and blocks its thread.
char read_one(const Pipe& pipe) {
  char c = 0;
  return read(pipe.out.get(), &c, 1) == 1 ? c : '?';
}

TEST_CASE(
    "gevent 403: blocking calls run at the same time, and end in their order",
    "[conformance][blocking]") {
  // Instead of the delays of the golden program 08 there is an order: each
  // answer is given when the one before has arrived.
  std::string log;
  const Hub hub;
  const std::array<Pipe, 3> sites;
  const auto answer = [&](std::size_t site) {
    CHECK(write(sites[site].in.get(), &"abc"[site], 1) == 1);
  };
  std::vector<GreenletPtr> all;
  for (std::size_t i = 0; i < sites.size(); ++i)
    all.push_back(spawn([&, i] {
      log += "GET " + std::to_string(i) + '\n';
      log += offload([&, i] { return read_one(sites[i]); });
      log += " received\n";
    }));
  sleep();
  for (const std::size_t fastest : {2, 1, 0}) {
    answer(fastest);
    all[fastest]->join();
  }
  CHECK(log ==
        "GET 0\nGET 1\nGET 2\n"
        "c received\nb received\na received\n");
}

}  // namespace
}  // namespace greenroom::test
