// Greenlets to kill: one that has to be started, and one that survives a kill.
#pragma once

#include <greenroom/greenroom.hpp>

#include <chrono>
#include <string>
#include <vector>

namespace greenroom::test {

/// Does not start by itself; writes "never" into a log if it runs.
class Runs : public Greenlet {
 public:
  explicit Runs(std::vector<std::string>& log) : log_(log) {}

 private:
  void run() override { log_.push_back("never"); }
  std::vector<std::string>& log_;
};

/// Survives one kill.
inline GreenletPtr stubborn() {
  return spawn([] {
    try {
      sleep(std::chrono::seconds(100));
    } catch (const GreenletExit&) {
      sleep(std::chrono::seconds(100));
    }
  });
}

}  // namespace greenroom::test
