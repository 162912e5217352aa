// run() and check_output(): a program from its start to its end, in one call.
//
//   std::string kernel = net::check_output({"uname"});
//
// Thread rule: the thread's own hub.
// Behaves as gevent.subprocess.run, check_output (gevent 26.5,
// src/gevent/subprocess.py).
#pragma once

#include "../../core/clock.hpp"
#include "../../core/export.hpp"
#include "subprocess.hpp"

#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace greenroom::net {

/// What run() gives to a program, and what it expects of it.
struct RunOptions {
  /// How long it may take in all.
  Duration timeout = forever;
  /// What the program reads, through a pipe. Default: what process.stdin_ says.
  std::optional<std::string> input{};
  /// As if process.stdout_ and process.stderr_ were pipes.
  bool capture_output = false;
  /// An exit status other than 0, or a signal, throws CalledProcessError.
  bool check = false;
  /// Everything else.
  PopenOptions process{};
};

/// How a program has ended.
struct CompletedProcess {
  /// The program and its arguments.
  std::vector<std::string> args{};
  int returncode = 0;  ///< As Popen::returncode().
  Output output{};     ///< What went into pipes.
};

/// A program has ended in failure.
class GREENROOM_API CalledProcessError : public std::runtime_error {
 public:
  /// The text names the program, and its status or the signal.
  explicit CalledProcessError(CompletedProcess process);
  /// As Popen::returncode().
  [[nodiscard]] int returncode() const noexcept { return process_.returncode; }
  /// What it has written to pipes.
  [[nodiscard]] const Output& output() const noexcept {
    return process_.output;
  }

 private:
  CompletedProcess process_;
};

/// Runs a program and parks until it has ended. Kill: kills the program, too.
/// Throws CalledProcessError; TimeoutExpired with the output so far if
/// `timeout` passes first, after killing the program (but not what that has
/// started: unlike gevent, this does not wait for those that hold its pipes);
/// std::invalid_argument if there is an input and process.stdin_ is set, and
/// what Popen throws.
GREENROOM_API CompletedProcess run(std::vector<std::string> args,
                                   RunOptions options = {});

/// run() with `check`. Returns what the program has written to its output.
/// Throws std::invalid_argument if process.stdout_ is set, too.
GREENROOM_API std::string check_output(std::vector<std::string> args,
                                       RunOptions options = {});

}  // namespace greenroom::net
