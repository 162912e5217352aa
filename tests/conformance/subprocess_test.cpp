// gevent's subprocess, number by number: README.md.

#include "../support/catch2.hpp"
#include "../support/run_hub.hpp"

#include <greenroom/runtime/core/hub.hpp>
#include <greenroom/runtime/net/process/completed_process.hpp>
#include <greenroom/runtime/net/process/subprocess.hpp>
#include <greenroom/runtime/tasks/join.hpp>
#include <greenroom/runtime/tasks/spawn.hpp>

#include <fcntl.h>

#include <array>
#include <csignal>
#include <filesystem>
#include <iterator>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;
using net::Popen;
using net::PopenOptions;
using net::Redirect;
using net::shell;
using net::TimeoutExpired;

// Most programs here only have to run until their other side is closed.
PopenOptions talking() {
  return {.stdin_ = Redirect::pipe(), .stdout_ = Redirect::pipe()};
}

long open_descriptors() {
  return std::distance(std::filesystem::directory_iterator("/proc/self/fd"),
                       std::filesystem::directory_iterator());
}

TEST_CASE("gevent 353: only the greenlet that waits for a program waits",
          "[conformance][subprocess]") {
  const Hub hub;
  Popen cat({"cat"}, talking());
  int turns = 0;
  const auto other = spawn([&] {
    while (++turns < 100) sleep();
    cat.stdin_().close();
  });
  CHECK(cat.wait() == 0);
  CHECK(turns == 100);
  CHECK(other->join());
}

TEST_CASE("gevent 354: the return code is the exit status, or minus the signal",
          "[conformance][subprocess]") {
  const Hub hub;  // test__subprocess.TestPopen.test_exit
  CHECK(Popen(shell("exit 0")).wait() == 0);
  CHECK(Popen(shell("exit 10")).wait() == 10);
  Popen killed({"cat"}, talking());
  killed.terminate();
  CHECK(killed.wait() == -SIGTERM);
  CHECK(killed.returncode() == -SIGTERM);
}

TEST_CASE("gevent 355: a program can be waited for together with others",
          "[conformance][subprocess]") {
  const Hub hub;  // test__subprocess.TestPopen.test_wait
  Popen ends({"true"});
  Popen runs({"cat"}, talking());
  const auto done = wait({&ends, &runs}, forever, 1);
  CHECK(done == std::vector<Waitable*>{&ends});
  CHECK(ends.returncode() == 0);
  CHECK_FALSE(runs.returncode());
  runs.stdin_().close();
  CHECK(wait({&ends, &runs}).size() == 2);
}

TEST_CASE(
    "gevent 356, 364: a program that is not there is an error, and leaks "
    "nothing",
    "[conformance][subprocess]") {
  const Hub hub;  // TestPopen.test_child_exception, .test_issue148, .test_leak
  CHECK(Popen({"true"}).wait() == 0);
  const long before = open_descriptors();
  for (int times = 0; times < 7; ++times) {
    try {
      const Popen missing({"/no/such/program"}, talking());
      FAIL("did not throw");
    } catch (const std::system_error& e) {
      CHECK(e.code() == std::errc::no_such_file_or_directory);
      CHECK_THAT(e.what(), Contains("/no/such/program"));
    }
    CHECK(Popen({"cat"}, talking()).communicate("x").out == "x");
  }
  CHECK(open_descriptors() == before);
}

TEST_CASE("gevent 357: 3 MB through a program, in and out at once",
          "[conformance][subprocess]") {
  const Hub hub;  // test__subprocess.TestPopen.test_communicate
  const std::string much(3'000'000, 'x');
  Popen cat(shell("tee /dev/stderr"), {.stdin_ = Redirect::pipe(),
                                       .stdout_ = Redirect::pipe(),
                                       .stderr_ = Redirect::pipe()});
  const net::Output output = cat.communicate(much);
  CHECK(output.out == much);
  CHECK(output.err == much);

  Popen deaf({"true"}, {.stdin_ = Redirect::pipe()});
  CHECK_NOTHROW(deaf.communicate(much));
  CHECK(deaf.returncode() == 0);
}

TEST_CASE(
    "gevent 358, 359: what was written before the limit passed is not lost",
    "[conformance][subprocess]") {
  const Hub hub;  // RunFuncTestCase.test_check_output_timeout, .test_timeout
  net::Pipe gate = net::make_pipe();
  Popen talks(
      shell("echo before; cat; echo after"),
      {.stdin_ = Redirect::to(gate.reader), .stdout_ = Redirect::pipe()});
  gate.reader.close();
  CHECK_THROWS_AS(talks.communicate({}, 1ms), TimeoutExpired);
  CHECK_THROWS_AS(talks.wait(1ms), TimeoutExpired);
  CHECK_FALSE(talks.poll());  // it goes on
  gate.writer.close();
  CHECK(talks.communicate().out == "before\nafter\n");
}

TEST_CASE("gevent 360: a limit is kept although a grandchild holds the pipe",
          "[conformance][subprocess]") {
  // RunFuncTestCase.test_run_with_shell_timeout_and_capture_output. Unlike
  // gevent, which waits for the grandchild; this one would run for an hour.
  std::string partly;

  run_hub([&] {
    net::Pipe told = net::make_pipe();
    const auto run = spawn([&] {
      try {
        net::run(shell("echo partly; sleep 3600 & echo $! >&2; wait"),
                 {.timeout = 1s,
                  .process = {.stdout_ = Redirect::pipe(),
                              .stderr_ = Redirect::to(told.writer)}});
      } catch (const TimeoutExpired& e) {
        partly = e.output().out;
      }
    });
    // Time is virtual, and stands still while somebody is ready.
    bool is_there = false;
    const auto holds_time = spawn([&] {
      while (!is_there) sleep();
    });
    std::array<char, 16> number{};
    const std::size_t size = told.reader.read_some(number);
    is_there = true;
    run->join();
    kill(std::stoi(std::string(number.data(), size)), SIGKILL);
  });

  CHECK(partly == "partly\n");
}

TEST_CASE("gevent 361: poll() sees the end by itself",
          "[conformance][subprocess]") {
  const Hub hub;  // test__subprocess_poll
  Popen program({"true"});
  while (!program.poll()) {
    // No greenlet has a turn.
  }
  CHECK(program.returncode() == 0);
}

TEST_CASE(
    "gevent 362: after the end, signals do nothing, and everybody gets the "
    "return code",
    "[conformance][subprocess]") {
  const Hub hub;
  Popen program(shell("read line; exit 5"), talking());
  const auto wait_for_it = [&] { return program.wait(); };
  const auto first = spawn(wait_for_it);
  const auto second = spawn(wait_for_it);
  sleep();
  program.stdin_().close();
  CHECK(program.wait() == 5);
  CHECK(first->get() == 5);
  CHECK(second->get() == 5);

  CHECK_NOTHROW(program.kill());
  CHECK_NOTHROW(program.terminate());
  CHECK_NOTHROW(program.send_signal(SIGINT));
  CHECK(program.wait() == 5);
}

TEST_CASE("gevent 364: a program's side of a pipe blocks, though ours does not",
          "[conformance][subprocess]") {
  const Hub hub;  // test__subprocess.TestPopen.test_nonblock_removed
  Popen cat({"cat"}, talking());
  CHECK((fcntl(cat.stdin_().native_handle(), F_GETFL) & O_NONBLOCK) != 0);
  const std::string theirs = "/proc/" + std::to_string(cat.pid()) + "/fdinfo/0";
  const std::string flags =
      net::check_output(shell("grep flags: " + theirs + " | cut -f 2"));
  CHECK((std::stol(flags, nullptr, 8) & O_NONBLOCK) == 0);
  CHECK(cat.communicate("still there").out == "still there");
}

TEST_CASE("gevent 365: an input and a redirected stdin_ do not go together",
          "[conformance][subprocess]") {
  const Hub hub;  // RunFuncTestCase.test_check_output_stdin_with_input_arg
  CHECK_THROWS_AS(
      net::check_output(
          {"cat"}, {.input = "x", .process = {.stdin_ = Redirect::null()}}),
      std::invalid_argument);
  CHECK(net::check_output({"cat"}, {.input = "x"}) == "x");
  // RunFuncTestCase.test_check
  CHECK_THROWS_AS(net::run(shell("exit 47"), {.check = true}),
                  net::CalledProcessError);
  CHECK(net::run(shell("exit 47")).returncode == 47);
}

TEST_CASE("gevent 366: programs are started from any hub",
          "[conformance][subprocess]") {
  // Unlike gevent, where only the main thread can start them.
  std::string printed;
  std::thread([&] {
    const Hub hub;
    printed = net::check_output({"echo", "from a thread"});
  }).join();
  CHECK(printed == "from a thread\n");
}

}  // namespace
}  // namespace greenroom::test
