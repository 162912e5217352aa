// Starts a process: what to run, and what becomes of its descriptors.
//
// Thread rule: any thread.
#pragma once

#include <sys/types.h>

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace greenroom::detail {

struct ProcessPlan {
  std::vector<std::string> args{};                // the program first
  std::optional<std::vector<std::string>> env{};  // "NAME=value"
  std::string cwd{};                              // empty: this one's
  bool new_session = false;
  std::optional<pid_t> process_group{};
  // These become its 0, 1 and 2; -1: the same as here. All are above 2, so that
  // none is overwritten before its turn.
  std::array<int, 3> descriptors{-1, -1, -1};
  bool errors_into_output = false;
};

/// When this returns, the process already runs the program. Every other
/// descriptor is closed in it, no signal is blocked, and SIGPIPE ends it as
/// usual. Throws a std::system_error that names what failed.
[[nodiscard]] pid_t start_process(const ProcessPlan& plan);

}  // namespace greenroom::detail
