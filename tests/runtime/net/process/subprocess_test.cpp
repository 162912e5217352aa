#include "../../../support/catch2.hpp"

#include <greenroom/runtime/core/errors.hpp>
#include <greenroom/runtime/core/hub.hpp>
#include <greenroom/runtime/net/process/subprocess.hpp>
#include <greenroom/runtime/tasks/join.hpp>
#include <greenroom/runtime/tasks/spawn.hpp>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <memory>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

namespace greenroom::test {
namespace {

using net::Popen;
using net::PopenOptions;
using net::Redirect;

// What this line of shell prints, started with these options.
std::string printed(const std::string& line, PopenOptions options = {}) {
  options.stdout_ = Redirect::pipe();
  return Popen(net::shell(line), options).communicate().out;
}

bool is_a_child(pid_t pid) {
  siginfo_t info{};
  return waitid(P_PID, static_cast<id_t>(pid), &info,
                WEXITED | WNOHANG | WNOWAIT) == 0;
}

// So that it goes on only when SIGCONT comes, however slow we are.
void suspend(Popen& program) {
  program.send_signal(SIGSTOP);
  siginfo_t info{};
  REQUIRE(waitid(P_PID, static_cast<id_t>(program.pid()), &info,
                 WSTOPPED | WNOWAIT) == 0);
}

TEST_CASE("subprocess: no arguments are refused",
          "[runtime][net][subprocess]") {
  const Hub hub;
  CHECK_THROWS_AS(Popen(std::vector<std::string>()), std::invalid_argument);
}

TEST_CASE("subprocess: the environment is inherited, replaced or added to",
          "[runtime][net][subprocess]") {
  const Hub hub;
  setenv("GREENROOM_TEST", "inherited", 1);
  const std::string show = "echo $GREENROOM_TEST $GREENROOM_MORE";

  CHECK(printed(show) == "inherited\n");
  CHECK(printed(show, {.env = {{{"GREENROOM_MORE", "only"}}}}) == "only\n");
  CHECK(printed(show, {.extra_env = {{"GREENROOM_MORE", "more"}}}) ==
        "inherited more\n");
  CHECK(printed(show, {.extra_env = {{"GREENROOM_TEST", "other"}}}) ==
        "other\n");
  unsetenv("GREENROOM_TEST");
}

TEST_CASE("subprocess: runs in cwd, names a cwd that does not exist",
          "[runtime][net][subprocess]") {
  const Hub hub;
  CHECK(printed("pwd", {.cwd = "/"}) == "/\n");
  CHECK_THROWS_WITH(printed("pwd", {.cwd = "/no/such/folder"}),
                    Contains("/no/such/folder"));
}

TEST_CASE("subprocess: errors go into the output, nowhere, or their own pipe",
          "[runtime][net][subprocess]") {
  const Hub hub;
  const std::string both = "echo out; echo err >&2";

  CHECK(printed(both, {.stderr_ = Redirect::into_stdout()}) == "out\nerr\n");
  CHECK(printed(both, {.stderr_ = Redirect::null()}) == "out\n");
  Popen apart(net::shell(both),
              {.stdout_ = Redirect::pipe(), .stderr_ = Redirect::pipe()});
  const net::Output output = apart.communicate();
  CHECK(output.out == "out\n");
  CHECK(output.err == "err\n");
  CHECK_THROWS_AS(Popen({"true"}, {.stdout_ = Redirect::into_stdout()}),
                  std::invalid_argument);
}

TEST_CASE("subprocess: a descriptor of the caller stays the caller's",
          "[runtime][net][subprocess]") {
  const Hub hub;
  net::Pipe pipe = net::make_pipe();
  const int fd = pipe.writer.native_handle();
  CHECK(Popen(net::shell("echo there"), {.stdout_ = Redirect::to(fd)}).wait() ==
        0);

  CHECK(fcntl(fd, F_GETFD) >= 0);
  std::array<char, 6> buffer{};
  CHECK(pipe.reader.read(buffer) == 6);
  CHECK(std::string(buffer.data(), 6) == "there\n");
}

TEST_CASE("subprocess: standard descriptors may change places",
          "[runtime][net][subprocess]") {
  const Hub hub;
  Popen swapped(
      net::shell("echo to-err >&2"),
      {.stdout_ = Redirect::to(STDERR_FILENO), .stderr_ = Redirect::pipe()});
  CHECK(swapped.communicate().err == "to-err\n");
}

TEST_CASE("subprocess: other descriptors are closed in it",
          "[runtime][net][subprocess]") {
  const Hub hub;
  const int inheritable = dup(STDERR_FILENO);
  CHECK(printed("test -e /proc/self/fd/" + std::to_string(inheritable) +
                " || echo closed") == "closed\n");
  close(inheritable);
}

TEST_CASE("subprocess: a session or a process group of its own",
          "[runtime][net][subprocess]") {
  const Hub hub;
  const PopenOptions waits{.stdin_ = Redirect::pipe()};
  PopenOptions options = waits;
  options.new_session = true;
  Popen session({"cat"}, options);
  CHECK(getsid(session.pid()) == session.pid());
  options = waits;
  options.process_group = 0;
  Popen group({"cat"}, options);
  CHECK(getpgid(group.pid()) == group.pid());
  CHECK(getsid(group.pid()) == getsid(0));
  CHECK(session.communicate().out.empty());
  CHECK(group.communicate().out.empty());
}

TEST_CASE("subprocess: a conversation over its pipes",
          "[runtime][net][subprocess]") {
  const Hub hub;
  Popen cat({"cat"}, {.stdin_ = Redirect::pipe(), .stdout_ = Redirect::pipe()});
  std::array<char, 4> answer{};
  for (const char* word : {"one\n", "two\n"}) {
    cat.stdin_().write(word);
    CHECK(cat.stdout_().read(answer) == 4);
    CHECK(std::string(answer.data(), 4) == word);
  }
  CHECK_THROWS_AS(cat.stderr_(), std::logic_error);
  cat.stdin_().close();
  CHECK(cat.wait() == 0);
}

TEST_CASE("subprocess: one whose Popen is gone runs on, and leaves no zombie",
          "[runtime][net][subprocess]") {
  const Hub hub;
  net::Pipe pipe = net::make_pipe();
  auto popen = std::make_unique<Popen>(
      std::vector<std::string>{"cat"},
      PopenOptions{.stdin_ = Redirect::to(pipe.reader)});
  const pid_t pid = popen->pid();
  pipe.reader.close();
  popen.reset();
  CHECK(is_a_child(pid));
  CHECK(kill(pid, 0) == 0);

  pipe.writer.close();
  while (is_a_child(pid)) sleep();
  CHECK(errno == ECHILD);
}

TEST_CASE("subprocess: one that outlives its hub is collected by another hub",
          "[runtime][net][subprocess]") {
  const Hub hub;
  net::Pipe pipe = net::make_pipe();
  pid_t pid = 0;
  std::thread([&] {
    const Hub other;
    const Popen cat({"cat"}, {.stdin_ = Redirect::to(pipe.reader)});
    pid = cat.pid();
  }).join();
  pipe.reader.close();
  CHECK(is_a_child(pid));

  pipe.writer.close();
  while (is_a_child(pid)) CHECK(Popen({"true"}).wait() == 0);
}

TEST_CASE(
    "subprocess: kill of the greenlet that waits leaves the program alone",
    "[runtime][net][subprocess]") {
  const Hub hub;
  Popen cat({"cat"}, {.stdin_ = Redirect::pipe(), .stdout_ = Redirect::pipe()});
  suspend(cat);
  const auto waiter = spawn([&] { (void)cat.wait(); });
  const auto talker =
      spawn([&] { (void)cat.communicate(std::string("kept")); });
  sleep();
  sleep();
  CHECK(killall({waiter, talker}));

  CHECK_FALSE(cat.poll());
  cat.send_signal(SIGCONT);
  CHECK(cat.communicate().out == "kept");
  CHECK(cat.returncode() == 0);
}

TEST_CASE("subprocess: the code is unknown if somebody else has waited for it",
          "[runtime][net][subprocess]") {
  const Hub hub;
  Popen program({"true"});
  CHECK(waitpid(program.pid(), nullptr, 0) == program.pid());
  CHECK(program.wait() == 255);
}

TEST_CASE("subprocess: a deadlock report names the process",
          "[runtime][net][subprocess]") {
  const Hub hub;
  Popen cat({"cat"}, {.stdin_ = Redirect::pipe()});
  const auto waiter = spawn([&] { (void)cat.wait(); });
  sleep();
  REQUIRE(waiter->waiting() != nullptr);
  const WaitReason& reason = *waiter->waiting()->reason;
  CHECK(std::string(reason.what) == "a process to end");
  CHECK(reason.details(waiter->waiting()->object) ==
        "pid " + std::to_string(cat.pid()));
  cat.kill();
  waiter->join();
  CHECK(cat.returncode() == -SIGKILL);
}

}  // namespace
}  // namespace greenroom::test
