#include "../../../support/catch2.hpp"

#include <greenroom/runtime/core/hub.hpp>
#include <greenroom/runtime/net/process/completed_process.hpp>
#include <greenroom/runtime/tasks/spawn.hpp>

#include <unistd.h>

#include <array>
#include <csignal>
#include <stdexcept>
#include <string>

namespace greenroom::test {
namespace {

using net::CalledProcessError;
using net::check_output;
using net::Redirect;
using net::shell;

TEST_CASE("run: gives the output and the code, whatever it is",
          "[runtime][net][completed_process]") {
  const Hub hub;
  const auto done = net::run(shell("cat; echo err >&2; exit 3"),
                             {.input = "in", .capture_output = true});
  CHECK(done.args == shell("cat; echo err >&2; exit 3"));
  CHECK(done.returncode == 3);
  CHECK(done.output.out == "in");
  CHECK(done.output.err == "err\n");
}

TEST_CASE("run: with check, a failure throws all that is known",
          "[runtime][net][completed_process]") {
  const Hub hub;
  try {
    (void)check_output(shell("echo partly; exit 4"));
    FAIL("did not throw");
  } catch (const CalledProcessError& e) {
    CHECK(e.returncode() == 4);
    CHECK(e.output().out == "partly\n");
    CHECK(std::string(e.what()) == "/bin/sh ended with status 4");
  }
  CHECK_THROWS_WITH(net::run(shell("kill -9 $$"), {.check = true}),
                    "/bin/sh was ended by signal 9");
}

TEST_CASE("run: killing the greenlet kills the program",
          "[runtime][net][completed_process]") {
  const Hub hub;
  net::Pipe pipe = net::make_pipe();
  const auto runner = spawn([&] {
    net::run({"sleep", "1000"},
             {.process = {.stdout_ = Redirect::to(pipe.writer)}});
  });
  sleep();
  runner->kill();
  pipe.writer.close();

  std::array<char, 1> nothing{};
  CHECK(pipe.reader.read(nothing) == 0);  // nobody holds the other end
}

TEST_CASE("run: an output that is set twice is refused",
          "[runtime][net][completed_process]") {
  const Hub hub;
  CHECK_THROWS_AS(
      check_output({"true"}, {.process = {.stdout_ = Redirect::null()}}),
      std::invalid_argument);
  CHECK_THROWS_AS(
      net::run({"true"}, {.capture_output = true,
                          .process = {.stderr_ = Redirect::null()}}),
      std::invalid_argument);
}

}  // namespace
}  // namespace greenroom::test
