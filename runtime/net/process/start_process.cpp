#include "start_process.hpp"

#include <spawn.h>
#include <unistd.h>

#include <csignal>
#include <system_error>

namespace greenroom::detail {
namespace {

void check(int error, const std::string& what) {
  if (error != 0) throw std::system_error(error, std::generic_category(), what);
}

// What the child does before it becomes the program.
class Actions {
 public:
  explicit Actions(const ProcessPlan& plan) {
    check(posix_spawn_file_actions_init(&actions_), "posix_spawn");
    try {
      for (int to = 0; to < 3; ++to)
        if (const int from = plan.descriptors[static_cast<std::size_t>(to)];
            from >= 0)
          copy(from, to);
      if (plan.errors_into_output) copy(STDOUT_FILENO, STDERR_FILENO);
      check(posix_spawn_file_actions_addclosefrom_np(&actions_, 3),
            "closefrom");
      if (!plan.cwd.empty())
        check(posix_spawn_file_actions_addchdir_np(&actions_, plan.cwd.c_str()),
              plan.cwd);
    } catch (...) {
      posix_spawn_file_actions_destroy(&actions_);
      throw;
    }
  }
  Actions(const Actions&) = delete;
  Actions& operator=(const Actions&) = delete;
  ~Actions() { posix_spawn_file_actions_destroy(&actions_); }

  [[nodiscard]] const posix_spawn_file_actions_t* get() const noexcept {
    return &actions_;
  }

 private:
  void copy(int from, int to) {
    check(posix_spawn_file_actions_adddup2(&actions_, from, to), "dup2");
  }

  posix_spawn_file_actions_t actions_{};
};

class Attributes {
 public:
  explicit Attributes(const ProcessPlan& plan) {
    check(posix_spawnattr_init(&attributes_), "posix_spawn");
    int flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
    sigset_t none;
    sigset_t pipe;
    sigemptyset(&none);
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    // None of these can fail.
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setsigdefault(&attributes_, &pipe);
    if (plan.new_session) flags |= POSIX_SPAWN_SETSID;
    if (plan.process_group) {
      flags |= POSIX_SPAWN_SETPGROUP;
      posix_spawnattr_setpgroup(&attributes_, *plan.process_group);
    }
    posix_spawnattr_setflags(&attributes_, static_cast<short>(flags));
  }
  Attributes(const Attributes&) = delete;
  Attributes& operator=(const Attributes&) = delete;
  ~Attributes() { posix_spawnattr_destroy(&attributes_); }

  [[nodiscard]] const posix_spawnattr_t* get() const noexcept {
    return &attributes_;
  }

 private:
  posix_spawnattr_t attributes_{};
};

// As execve() wants them.
std::vector<char*> pointers_to(const std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  for (const std::string& each : strings)
    pointers.push_back(const_cast<char*>(each.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

pid_t start_process(const ProcessPlan& plan) {
  const Actions actions(plan);
  const Attributes attributes(plan);
  const std::vector<char*> args = pointers_to(plan.args);
  std::vector<char*> env;
  if (plan.env) env = pointers_to(*plan.env);

  pid_t pid = 0;
  const int error = posix_spawnp(&pid, args[0], actions.get(), attributes.get(),
                                 args.data(), plan.env ? env.data() : environ);
  if (error != 0) {
    const bool no_such_folder =
        !plan.cwd.empty() && access(plan.cwd.c_str(), X_OK) != 0;
    check(error, no_such_folder ? plan.cwd : plan.args[0]);
  }
  return pid;
}

}  // namespace greenroom::detail
