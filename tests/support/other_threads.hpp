// What the other threads of this process do, as the system sees it.
//
// fork() copies the locks that they hold. GCC 12's AddressSanitizer does not
// see to those of its allocator, which a thread that is just starting holds.
#pragma once

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>

namespace greenroom::test {

/// Returns when each of them sleeps: it has started, and waits for something.
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
