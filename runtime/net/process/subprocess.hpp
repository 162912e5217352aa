// A Popen is a program that this one has started: fed, listened to and waited
// for by greenlets while others go on.
//
//   net::Popen grep({"grep", "green"}, {.stdin_ = net::Redirect::pipe(),
//                                       .stdout_ = net::Redirect::pipe()});
//   const auto output = grep.communicate("green\nred\n");
//
// Thread rule: owning hub only, any hub (unlike gevent, which can start
// processes on the main thread only).
// Order: those who wait for its end wake in the order in which they began to.
// Behaves as gevent.subprocess.Popen (gevent 26.5, src/gevent/subprocess.py).
#pragma once

#include "../../core/clock.hpp"
#include "../../core/wait.hpp"
#include "pipe.hpp"

#include <sys/types.h>

#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace greenroom::net {

/// What a program's standard input, output or error output is.
class Redirect {
 public:
  enum class Kind { inherit, pipe, null, descriptor, into_stdout };

  /// What this program's is; the default.
  [[nodiscard]] static Redirect inherit() { return {Kind::inherit, -1}; }
  /// A pipe, whose other end Popen has. (gevent's PIPE.)
  [[nodiscard]] static Redirect pipe() { return {Kind::pipe, -1}; }
  /// /dev/null. (gevent's DEVNULL.)
  [[nodiscard]] static Redirect null() { return {Kind::null, -1}; }
  /// A copy of this descriptor, which stays the caller's. Where it does not
  /// block (O_NONBLOCK), the program's does not either, which few expect.
  [[nodiscard]] static Redirect to(int fd) { return {Kind::descriptor, fd}; }
  /// An end of a pipe, which blocks from now on, as programs expect: close it
  /// here when they have been started. Throws std::system_error.
  [[nodiscard]] static Redirect to(const PipeStream& end);
  /// Where the output goes; for errors only. (gevent's STDOUT.)
  [[nodiscard]] static Redirect into_stdout() {
    return {Kind::into_stdout, -1};
  }

  [[nodiscard]] Kind kind() const noexcept { return kind_; }
  [[nodiscard]] int fd() const noexcept { return fd_; }

 private:
  Redirect(Kind kind, int fd) noexcept : kind_(kind), fd_(fd) {}

  Kind kind_;
  int fd_;
};

/// The underlines are there because C has macros called stdin, stdout, stderr.
struct PopenOptions {
  Redirect stdin_ = Redirect::inherit();
  Redirect stdout_ = Redirect::inherit();
  Redirect stderr_ = Redirect::inherit();
  /// The whole environment. Default: this program's.
  std::optional<std::map<std::string, std::string>> env{};
  /// On top of it.
  std::map<std::string, std::string> extra_env{};
  /// The folder to run in. Default: this program's.
  std::string cwd{};
  /// As setsid().
  bool new_session = false;
  /// As setpgid(0, this): 0 for a group of its own.
  std::optional<pid_t> process_group{};
};

/// What a program has written.
struct Output {
  std::string out{};
  std::string err{};
};

/// A program has not ended in time.
class TimeoutExpired : public std::runtime_error {
 public:
  TimeoutExpired(const std::vector<std::string>& args, Duration limit,
                 Output so_far = {});
  /// In time; empty where nobody has read.
  [[nodiscard]] const Output& output() const noexcept { return output_; }

 private:
  Output output_;
};

/// For Popen: has the shell run this line.
[[nodiscard]] std::vector<std::string> shell(std::string line);

/// Not copyable and not movable. When it goes while the program runs, the
/// program runs on, as in gevent, its pipes are closed on this side, and
/// its end is still seen to: it does not stay a zombie. If its hub ends first,
/// that is done when a program is next started, on any hub.
class Popen final : public Waitable {
 public:
  /// Starts `args[0]`, looked for in PATH (this program's) if there is no slash
  /// in it. All descriptors but the three standard ones are closed in it.
  /// Does not park. Throws std::system_error with the system's reason and the
  /// program's name (or cwd) if it cannot be run, and where the system has no
  /// pidfd_open (before Linux 5.3); std::invalid_argument for no arguments.
  explicit Popen(std::vector<std::string> args, PopenOptions options = {});
  Popen(const Popen&) = delete;
  Popen& operator=(const Popen&) = delete;
  ~Popen();

  [[nodiscard]] pid_t pid() const noexcept;
  [[nodiscard]] const std::vector<std::string>& args() const noexcept;

  /// The exit status, or -signal if that ended it, once somebody has seen its
  /// end. 255 if that somebody was not greenroom but waitpid(), or SIGCHLD is
  /// ignored.
  [[nodiscard]] std::optional<int> returncode() const noexcept;
  /// returncode(), after asking the system. Does not park.
  std::optional<int> poll();

  /// Parks until the program has ended, then its returncode(). While it runs
  /// into a full pipe that nobody reads, it does not. Kill: it runs on. Throws
  /// TimeoutExpired if `limit` passes first; it runs on then, too.
  int wait(Duration limit = forever);
  [[nodiscard]] bool ready() const noexcept override;

  /// Does nothing if the program has ended. Throws std::system_error.
  void send_signal(int signal);
  /// SIGTERM.
  void terminate();
  /// SIGKILL.
  void kill();

  /// This side's ends of the pipes. Throws std::logic_error if there is none.
  [[nodiscard]] PipeStream& stdin_();
  [[nodiscard]] PipeStream& stdout_();
  [[nodiscard]] PipeStream& stderr_();

  /// Writes `input` to the pipe to its input and closes that, reads what it
  /// writes into pipes, all at once, and parks until they have ended and it
  /// has. That it does not read its input is no error. Throws TimeoutExpired if
  /// `limit` passes first, and std::system_error. After that, and a kill, all
  /// goes on and nothing is lost: call it again, when `input` does not matter.
  /// The output is handed over: once.
  Output communicate(std::string input = {}, Duration limit = forever);

  /// What communicate() has read and what lies in the pipes, without parking
  /// for more; it ends communicate()'s reading. For a program that was killed,
  /// whose children may hold the pipes open.
  Output take_output();

 private:
  struct State;

  [[nodiscard]] State& here(const char* call) const;
  WaitList& wait_list() noexcept override;

  const std::shared_ptr<State> state_;
};

}  // namespace greenroom::net
