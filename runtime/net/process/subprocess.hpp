// A Popen is a program that this one has started. Greenlets write to it, read
// from it and wait for it, while others go on.
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
#include "../../core/export.hpp"
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
class GREENROOM_API Redirect {
 public:
  /// Each is made by the function of the same name; `descriptor` by to().
  enum class Kind { inherit, pipe, null, descriptor, into_stdout };

  /// The same as this program's; the default.
  [[nodiscard]] static Redirect inherit() { return {Kind::inherit, -1}; }
  /// A pipe; Popen has its other end. (gevent's PIPE.)
  [[nodiscard]] static Redirect pipe() { return {Kind::pipe, -1}; }
  /// /dev/null. (gevent's DEVNULL.)
  [[nodiscard]] static Redirect null() { return {Kind::null, -1}; }
  /// A copy of this descriptor, which stays the caller's. If it does not block
  /// (O_NONBLOCK), the copy does not either, which few programs expect.
  [[nodiscard]] static Redirect to(int fd) { return {Kind::descriptor, fd}; }
  /// An end of a pipe. It blocks from now on, as programs expect: close it here
  /// when they have been started. Throws std::system_error.
  [[nodiscard]] static Redirect to(const PipeStream& end);
  /// For the error output only: to where the output goes. (gevent's STDOUT.)
  [[nodiscard]] static Redirect into_stdout() {
    return {Kind::into_stdout, -1};
  }

  /// Which of them it is.
  [[nodiscard]] Kind kind() const noexcept { return kind_; }
  /// The descriptor that to() was given; -1 for the other kinds.
  [[nodiscard]] int fd() const noexcept { return fd_; }

 private:
  Redirect(Kind kind, int fd) noexcept : kind_(kind), fd_(fd) {}

  Kind kind_;
  int fd_;
};

/// The names end in an underscore because C has macros called stdin, stdout and
/// stderr.
struct PopenOptions {
  /// The program's standard input.
  Redirect stdin_ = Redirect::inherit();
  /// Its standard output.
  Redirect stdout_ = Redirect::inherit();
  /// Its error output.
  Redirect stderr_ = Redirect::inherit();
  /// The whole environment. Default: this program's.
  std::optional<std::map<std::string, std::string>> env{};
  /// Added to the environment; replaces what has the same name.
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
  /// To its standard output.
  std::string out{};
  /// To its error output.
  std::string err{};
};

/// A program has not ended in time.
class GREENROOM_API TimeoutExpired : public std::runtime_error {
 public:
  /// The text names the program with these arguments, and the limit.
  TimeoutExpired(const std::vector<std::string>& args, Duration limit,
                 Output so_far = {});
  /// What it has written in time; empty if nobody has read that.
  [[nodiscard]] const Output& output() const noexcept { return output_; }

 private:
  Output output_;
};

/// Arguments for Popen: the shell runs this line.
[[nodiscard]] GREENROOM_API std::vector<std::string> shell(std::string line);

/// Not copyable and not movable. If it is destroyed while the program runs, the
/// program runs on, as in gevent. Its pipes are closed on this side, and its
/// end is still collected: it does not stay a zombie. If its hub ends first,
/// its end is collected when a program is next started, on any hub.
class GREENROOM_API Popen final : public Waitable {
 public:
  /// Starts `args[0]`; without a slash in it, it is looked for in this
  /// program's PATH. All descriptors but the three standard ones are closed in
  /// the new program.
  /// Does not park. Throws std::system_error with the system's reason and the
  /// program's name (or cwd) if it cannot be run, and where the system has no
  /// pidfd_open (before Linux 5.3); std::invalid_argument for no arguments.
  explicit Popen(std::vector<std::string> args, PopenOptions options = {});
  Popen(const Popen&) = delete;
  Popen& operator=(const Popen&) = delete;
  ~Popen();

  /// The system's number of the process. Once its end has been seen, the system
  /// may give the number to another process.
  [[nodiscard]] pid_t pid() const noexcept;
  /// The program and its arguments.
  [[nodiscard]] const std::vector<std::string>& args() const noexcept;

  /// The exit status, or -signal if a signal ended it; nothing as long as
  /// nobody has seen its end. 255 if it was not greenroom but another waitpid()
  /// that saw it, or if SIGCHLD is ignored.
  [[nodiscard]] std::optional<int> returncode() const noexcept;
  /// Asks the system, then gives returncode(). Does not park.
  std::optional<int> poll();

  /// Parks until the program has ended; gives its returncode(). A program that
  /// writes to a full pipe, which nobody reads, does not end. Kill: the program
  /// runs on. Throws TimeoutExpired if `limit` passes first; then, too, the
  /// program runs on.
  int wait(Duration limit = forever);
  [[nodiscard]] bool ready() const noexcept override;

  /// Does nothing if the program has ended. Throws std::system_error.
  void send_signal(int signal);
  /// SIGTERM.
  void terminate();
  /// SIGKILL.
  void kill();

  /// This side's end of the pipe to its input. Throws std::logic_error if there
  /// is no such pipe.
  [[nodiscard]] PipeStream& stdin_();
  /// That of its output.
  [[nodiscard]] PipeStream& stdout_();
  /// That of its error output.
  [[nodiscard]] PipeStream& stderr_();

  /// Writes `input` to the pipe of the program's input and closes it; at the
  /// same time, reads what the program writes to pipes. Parks until the pipes
  /// and the program have ended. It is no error if the program does not read
  /// its input. Throws TimeoutExpired if `limit` passes first, and
  /// std::system_error. After that, and after a kill, all goes on and nothing
  /// is lost: call it again; `input` does not matter then. Gives the output
  /// away: once.
  Output communicate(std::string input = {}, Duration limit = forever);

  /// Gives what communicate() has read and what lies in the pipes, without
  /// parking for more, and ends the reading of communicate(). For a program
  /// that was killed: its children may hold the pipes open.
  Output take_output();

 private:
  struct State;

  [[nodiscard]] State& here(const char* call) const;
  WaitList& wait_list() noexcept override;

  const std::shared_ptr<State> state_;
};

}  // namespace greenroom::net
