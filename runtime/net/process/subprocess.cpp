#include "subprocess.hpp"

#include "../../core/deadline.hpp"
#include "../../core/hub.hpp"
#include "../../tasks/spawn.hpp"
#include "../unique_fd.hpp"
#include "child.hpp"
#include "start_process.hpp"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <system_error>
#include <utility>

namespace greenroom::net {
namespace {

using detail::UniqueFd;
using Kind = Redirect::Kind;

constexpr std::size_t kPiece = std::size_t{64} * 1024;

void throw_errno(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

std::string text_of(Duration limit) {
  return std::to_string(std::chrono::duration<double>(limit).count()) +
         " seconds";
}

std::string text_of(const std::vector<std::string>& args) {
  std::string text;
  for (const std::string& each : args) text += (text.empty() ? "" : " ") + each;
  return text;
}

// The child's side of one standard descriptor, with a number above 2; not open
// if the child inherits ours. The other side of a pipe goes into `ours`.
UniqueFd lay(const Redirect& redirect, bool is_input, PipeStream& ours) {
  UniqueFd theirs;
  switch (redirect.kind()) {
    case Kind::inherit:
    case Kind::into_stdout:
      return theirs;
    case Kind::null:
      theirs.reset(open("/dev/null", O_RDWR | O_CLOEXEC));
      break;
    case Kind::descriptor:
      theirs.reset(fcntl(redirect.fd(), F_DUPFD_CLOEXEC, 3));
      break;
    case Kind::pipe: {
      std::array<int, 2> ends{};
      // Theirs blocks, as programs expect; ours will not.
      if (pipe2(ends.data(), O_CLOEXEC) != 0) throw_errno("pipe");
      theirs.reset(is_input ? ends[0] : ends[1]);
      ours = PipeStream(Descriptor(is_input ? ends[1] : ends[0]));
      break;
    }
  }
  if (theirs.get() >= 0 && theirs.get() < 3)
    theirs = UniqueFd(fcntl(theirs.get(), F_DUPFD_CLOEXEC, 3));
  if (theirs.get() < 0) throw_errno("a standard descriptor");
  return theirs;
}

std::optional<std::vector<std::string>> environment(
    const PopenOptions& options) {
  if (!options.env && options.extra_env.empty()) return std::nullopt;
  std::vector<std::string> env;
  const auto add = [&](const std::string& name, const std::string& value) {
    env.push_back(name + '=' + value);
  };
  const auto is_replaced = [&](const std::string& name) {
    return options.extra_env.find(name) != options.extra_env.end();
  };
  if (options.env) {
    for (const auto& [name, value] : *options.env)
      if (!is_replaced(name)) add(name, value);
  } else {
    for (char** each = environ; *each != nullptr; ++each) {
      std::string entry(*each);
      if (!is_replaced(entry.substr(0, entry.find('='))))
        env.push_back(std::move(entry));
    }
  }
  for (const auto& [name, value] : options.extra_env) add(name, value);
  return env;
}

std::string describe_child(const void* object) {
  return "pid " +
         std::to_string(static_cast<const detail::Child*>(object)->pid());
}

constexpr WaitReason kWaitsForEnd{"a process to end", false, &describe_child};

// Appends what can be read without waiting.
void read_rest(PipeStream& pipe, std::string& text) {
  int there = 0;
  if (!pipe.is_open() || ioctl(pipe.native_handle(), FIONREAD, &there) != 0)
    return;
  const std::size_t before = text.size();
  text.resize(before + static_cast<std::size_t>(there));
  std::error_code at_end;  // others took it: nothing to report
  const std::size_t count =
      there == 0 ? 0 : pipe.read_some(std::span(text).subspan(before), at_end);
  text.resize(before + count);
}

}  // namespace

Redirect Redirect::to(const PipeStream& end) {
  const int fd = end.native_handle();
  const int flags = fcntl(fd, F_GETFL);
  if (flags < 0 || fcntl(fd, F_SETFL, flags & ~O_NONBLOCK) < 0)
    throw_errno("Redirect::to");
  return to(fd);
}

TimeoutExpired::TimeoutExpired(const std::vector<std::string>& args,
                               Duration limit, Output so_far)
    : std::runtime_error('"' + text_of(args) + "\" has not ended after " +
                         text_of(limit)),
      output_(std::move(so_far)) {}

std::vector<std::string> shell(std::string line) {
  return {"/bin/sh", "-c", std::move(line)};
}

// Shared with the greenlets of communicate().
struct Popen::State {
  explicit State(std::vector<std::string> its_args)
      : args(std::move(its_args)), hub(Hub::current()) {}

  void start(const PopenOptions& options);
  void write_all();
  static void read_all(PipeStream& pipe, std::string& text);

  // const after start()
  const std::vector<std::string> args;
  Hub& hub;
  boost::intrusive_ptr<detail::Child> child;

  // owning hub only
  PipeStream in;
  PipeStream out;
  PipeStream err;
  std::string input;
  Output output;
  std::vector<GreenletPtr> workers;  // of communicate(), while one is under way
};

void Popen::State::start(const PopenOptions& options) {
  if (args.empty()) throw std::invalid_argument("Popen: no program to run");
  if (options.stdin_.kind() == Kind::into_stdout ||
      options.stdout_.kind() == Kind::into_stdout)
    throw std::invalid_argument("Popen: into_stdout() is for stderr_");

  const std::array<UniqueFd, 3> theirs{lay(options.stdin_, true, in),
                                       lay(options.stdout_, false, out),
                                       lay(options.stderr_, false, err)};
  detail::ProcessPlan plan;
  plan.args = args;
  plan.env = environment(options);
  plan.cwd = options.cwd;
  plan.new_session = options.new_session;
  plan.process_group = options.process_group;
  for (std::size_t i = 0; i < theirs.size(); ++i)
    plan.descriptors[i] = theirs[i].get();
  plan.errors_into_output = options.stderr_.kind() == Kind::into_stdout;
  child = detail::Child::adopt(detail::start_process(plan));
}

void Popen::State::write_all() {
  std::error_code error;
  in.write(input, error);
  in.close();
  if (error && error != std::errc::broken_pipe)
    throw std::system_error(error, "communicate");
}

void Popen::State::read_all(PipeStream& pipe, std::string& text) {
  std::vector<char> piece(kPiece);
  while (const std::size_t count = pipe.read_some(piece))
    text.append(piece.data(), count);
  pipe.close();
}

Popen::Popen(std::vector<std::string> args, PopenOptions options)
    : state_(std::make_shared<State>(std::move(args))) {
  state_->start(options);
}

Popen::~Popen() {
  if (!state_->child) return;
  state_->child->disown();
  for (const GreenletPtr& each : state_->workers) each->kill_soon();
  for (PipeStream* each : {&state_->in, &state_->out, &state_->err})
    each->close();
}

Popen::State& Popen::here(const char* call) const {
  state_->hub.assert_here(call);
  return *state_;
}

pid_t Popen::pid() const noexcept { return state_->child->pid(); }
const std::vector<std::string>& Popen::args() const noexcept {
  return state_->args;
}
std::optional<int> Popen::returncode() const noexcept {
  return state_->child->code();
}
bool Popen::ready() const noexcept { return returncode().has_value(); }
WaitList& Popen::wait_list() noexcept { return state_->child->waiters(); }

std::optional<int> Popen::poll() { return here("Popen::poll").child->poll(); }

int Popen::wait(Duration limit) {
  const std::shared_ptr<State> state = state_;
  detail::Child& child = *here("Popen::wait").child;
  if (!child.poll()) {
    Waiter waiter(kWaitsForEnd, &child);
    child.waiters().add(waiter);
    if (!waiter.park(limit)) throw TimeoutExpired(state->args, limit);
  }
  return *child.code();
}

void Popen::send_signal(int signal) {
  // No other process gets its number as long as its end has not been seen.
  if (here("Popen::send_signal").child->poll()) return;
  if (::kill(pid(), signal) != 0) throw_errno("kill");
}
void Popen::terminate() { send_signal(SIGTERM); }
void Popen::kill() { send_signal(SIGKILL); }

namespace {

PipeStream& there_is(PipeStream& pipe, const char* which) {
  if (pipe.native_handle() < 0)
    throw std::logic_error(std::string("Popen: ") + which +
                           " is not a pipe, or closed");
  return pipe;
}

}  // namespace

PipeStream& Popen::stdin_() { return there_is(state_->in, "stdin_"); }
PipeStream& Popen::stdout_() { return there_is(state_->out, "stdout_"); }
PipeStream& Popen::stderr_() { return there_is(state_->err, "stderr_"); }

Output Popen::communicate(std::string input, Duration limit) {
  const std::shared_ptr<State> state = state_;
  state->hub.assert_here("Popen::communicate");
  const detail::Deadline deadline(limit);

  if (state->workers.empty()) {
    state->input = std::move(input);
    const auto work = [&](PipeStream& pipe, auto task) {
      if (pipe.is_open()) state->workers.emplace_back(spawn(std::move(task)));
    };
    work(state->in, [state] { state->write_all(); });
    work(state->out,
         [state] { State::read_all(state->out, state->output.out); });
    work(state->err,
         [state] { State::read_all(state->err, state->output.err); });
  }
  const std::vector<GreenletPtr> workers = state->workers;
  for (const GreenletPtr& each : workers)
    if (!each->join(deadline.left())) throw TimeoutExpired(state->args, limit);
  try {
    wait(deadline.left());
  } catch (const TimeoutExpired&) {
    throw TimeoutExpired(state->args, limit);
  }
  state->workers.clear();
  for (const GreenletPtr& each : workers) each->get();
  return std::exchange(state->output, {});
}

Output Popen::take_output() {
  const std::shared_ptr<State> state = state_;
  state->hub.assert_here("Popen::take_output");
  for (const GreenletPtr& each : std::exchange(state->workers, {}))
    each->kill();
  read_rest(state->out, state->output.out);
  read_rest(state->err, state->output.err);
  return std::exchange(state->output, {});
}

}  // namespace greenroom::net
