// gevent's pipes and forks, number by number: README.md.

#include "../support/catch2.hpp"

#include <greenroom/runtime/core/hub.hpp>
#include <greenroom/runtime/core/sanitizer.hpp>
#include <greenroom/runtime/net/process/pipe.hpp>
#include <greenroom/runtime/sync/event.hpp>
#include <greenroom/runtime/tasks/join.hpp>
#include <greenroom/runtime/tasks/spawn.hpp>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <string>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;

TEST_CASE("gevent 269: a pipe smaller than the data stops nobody",
          "[conformance][pipe]") {
  const Hub hub;  // test__os.TestOS_nb
  net::Pipe pipe = net::make_pipe();
  const std::size_t much = 1'000'000;
  const auto producer = spawn([&] {
    pipe.writer.write(std::string(much, 'x'));
    pipe.writer.close();
  });
  std::size_t got = 0;
  std::array<char, 10'000> buffer{};
  while (const auto count = pipe.reader.read_some(buffer)) got += count;
  CHECK(got == much);
  CHECK(producer->successful());
}

TEST_CASE(
    "gevent 270: a stream closes its descriptor, closing twice does no harm",
    "[conformance][pipe]") {
  const Hub hub;  // test__fileobject.TestFileObjectBlock.test_del*
  std::array<int, 2> ends{};
  REQUIRE(pipe2(ends.data(), O_CLOEXEC) == 0);
  net::PipeStream reader{net::Descriptor(ends[0])};
  {
    net::PipeStream writer{net::Descriptor(ends[1])};
    writer.write("to the end");
  }
  CHECK(fcntl(ends[1], F_GETFD) == -1);

  std::array<char, 100> buffer{};
  const auto count = reader.read(buffer);  // .test_close_pipe
  CHECK(std::string(buffer.data(), count) == "to the end");
  reader.close();
  reader.close();
  CHECK_FALSE(reader.is_open());
  CHECK(fcntl(ends[0], F_GETFD) == -1);

  // closefd=False
  net::Pipe other = net::make_pipe();
  const int kept = other.reader.release();
  CHECK(fcntl(kept, F_GETFD) >= 0);
  ::close(kept);
}

// ThreadSanitizer has given up on the child of a program with threads.
#if !defined(GREENROOM_TSAN)

TEST_CASE("gevent 271: a forked child goes on with its hub and our pipe",
          "[conformance][pipe]") {
  // Unlike gevent, where greenlets that are ready run in both processes: the
  // child has the greenlet that forked and no other.
  const Hub hub;
  net::Pipe pipe = net::make_pipe();
  const auto parents = spawn([] { sleep(1ms); });
  const pid_t child = fork();
  if (child == 0) {
    alarm(20);  // rather than hang
    int status = 1;
    const auto childs = spawn([&] {
      if (parents->dead()) pipe.writer.write("from the child");
      status = 0;
    });
    childs->join();
    _exit(status);
  }
  pipe.writer.close();
  std::array<char, 100> buffer{};
  const auto count = pipe.reader.read(buffer);
  int status = -1;
  waitpid(child, &status, 0);
  CHECK(std::string(buffer.data(), count) == "from the child");
  CHECK(status == 0);
  CHECK(parents->join());
}

#endif

}  // namespace
}  // namespace greenroom::test
