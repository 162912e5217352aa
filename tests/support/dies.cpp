#include "dies.hpp"

#include <greenroom/runtime/core/sanitizer.hpp>
#include <greenroom/runtime/core/stack_overflow.hpp>

#if __has_include(<catch2/catch_test_macros.hpp>)
#include <catch2/reporters/catch_reporter_event_listener.hpp>
#include <catch2/reporters/catch_reporter_registrars.hpp>
#endif

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <stdexcept>

namespace {

bool is_child = false;

#if __has_include(<catch2/catch_test_macros.hpp>)

// While a test runs, Catch2 3 handles SIGSEGV itself. greenroom installs its
// handler once in a process: before the first test, so that a child can have
// it.
struct sigaction greenrooms_handler;

class KeepHandler : public Catch::EventListenerBase {
 public:
  using EventListenerBase::EventListenerBase;

  void testRunStarting(const Catch::TestRunInfo&) override {
    const greenroom::detail::StackOverflowReport installs_it;
    sigaction(SIGSEGV, nullptr, &greenrooms_handler);
  }
};

CATCH_REGISTER_LISTENER(KeepHandler)

void handle_faults_as_greenroom_does() {
  sigaction(SIGSEGV, &greenrooms_handler, nullptr);
}

#else

void handle_faults_as_greenroom_does() {}  // Catch2 2 leaves its handler alone

#endif

}  // namespace

#if defined(GREENROOM_ASAN)
// A child that calls std::exit() in a greenlet leaves behind what main's stack
// holds. LeakSanitizer does not look there, and reports leaks that are none.
extern "C" int __lsan_is_turned_off() { return is_child ? 1 : 0; }
#endif

namespace greenroom::test {

Death death_of(const std::function<void()>& body) {
  std::array<int, 2> pipe_ends{};
  if (pipe(pipe_ends.data()) != 0) throw std::runtime_error("pipe");
  const pid_t child = fork();
  if (child < 0) throw std::runtime_error("fork");
  if (child == 0) {
    is_child = true;
    dup2(pipe_ends[1], STDERR_FILENO);
    close(pipe_ends[0]);
    close(pipe_ends[1]);
    // Otherwise Catch2 would report the abort as a failure of the test.
    std::signal(SIGABRT, SIG_DFL);
    handle_faults_as_greenroom_does();
    body();
    _exit(0);
  }
  close(pipe_ends[1]);
  Death death;
  std::array<char, 4096> buffer{};
  for (ssize_t n = 0;
       (n = read(pipe_ends[0], buffer.data(), buffer.size())) > 0;)
    death.message.append(buffer.data(), static_cast<std::size_t>(n));
  close(pipe_ends[0]);
  // Under qemu-user, that has the last word.
  const auto of_qemu = death.message.find("qemu: uncaught target signal");
  death.message.resize(std::min(death.message.size(), of_qemu));
  int status = 0;
  waitpid(child, &status, 0);
  if (WIFSIGNALED(status)) death.signal = WTERMSIG(status);
  if (WIFEXITED(status)) death.status = WEXITSTATUS(status);
  return death;
}

}  // namespace greenroom::test
