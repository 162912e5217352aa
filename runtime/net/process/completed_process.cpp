#include "completed_process.hpp"

#include <csignal>
#include <utility>

namespace greenroom::net {
namespace {

using Kind = Redirect::Kind;

std::string describe(const CompletedProcess& process) {
  const std::string& program = process.args.front();
  const int code = process.returncode;
  return code < 0 ? program + " was ended by signal " + std::to_string(-code)
                  : program + " ended with status " + std::to_string(code);
}

void set_pipe(Redirect& redirect, const char* who) {
  if (redirect.kind() != Kind::inherit)
    throw std::invalid_argument(std::string(who) + " is a pipe already");
  redirect = Redirect::pipe();
}

}  // namespace

CalledProcessError::CalledProcessError(CompletedProcess process)
    : std::runtime_error(describe(process)), process_(std::move(process)) {}

CompletedProcess run(std::vector<std::string> args, RunOptions options) {
  PopenOptions& how = options.process;
  if (options.input) set_pipe(how.stdin_, "run: with an input, stdin_");
  if (options.capture_output) {
    set_pipe(how.stdout_, "run: with capture_output, stdout_");
    set_pipe(how.stderr_, "run: with capture_output, stderr_");
  }

  Popen process(args, how);
  CompletedProcess completed{std::move(args), 0, {}};
  try {
    completed.output = process.communicate(
        std::move(options.input).value_or(std::string()), options.timeout);
  } catch (const TimeoutExpired&) {
    process.kill();
    process.wait();
    throw TimeoutExpired(completed.args, options.timeout,
                         process.take_output());
  } catch (...) {
    process.kill();
    throw;
  }
  completed.returncode = process.wait();
  if (options.check && completed.returncode != 0)
    throw CalledProcessError(std::move(completed));
  return completed;
}

std::string check_output(std::vector<std::string> args, RunOptions options) {
  set_pipe(options.process.stdout_, "check_output: stdout_");
  options.check = true;
  return std::move(run(std::move(args), std::move(options)).output.out);
}

}  // namespace greenroom::net
