#include "exit_reason.hpp"

#include "../runtime/core/report.hpp"

namespace greenroom {

std::string to_string(const ExitReason& reason) {
  switch (reason.kind) {
    case ExitReason::Kind::stopped:
      return "stopped";
    case ExitReason::Kind::killed:
      return "killed";
    case ExitReason::Kind::failed:
      return "failed with " + detail::describe(reason.what);
    case ExitReason::Kind::unknown:
      break;
  }
  return "ended before";
}

}  // namespace greenroom
