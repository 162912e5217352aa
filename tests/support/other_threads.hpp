// Waits for the other threads of this process, as the system sees them.
//
// fork() copies the locks that they hold. A thread that is just starting holds
// locks of the allocator of GCC 12's AddressSanitizer, which does not release
// them in the child.
#pragma once

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>

namespace greenroom::test {

/// Returns when each of them has started, and sleeps because it waits for
/// something.
inline void wait_until_other_threads_sleep() {
  const auto is_busy = [](const std::filesystem::directory_entry& task) {
    if (task.path().filename() == std::to_string(getpid())) return false;
    std::ifstream stat(task.path() / "stat");
    std::string line;
    std::getline(stat, line);
    // "7 (name) S ...", and a name may have brackets in it.
    return line.find(") S ", line.rfind(')')) == std::string::npos;
  };
  const auto tasks = [] {
    return std::filesystem::directory_iterator("/proc/self/task");
  };
  while (std::any_of(begin(tasks()), end(tasks()), is_busy)) usleep(100);
}

}  // namespace greenroom::test
