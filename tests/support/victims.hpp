// Greenlets to be killed: one that is not started by being made, and one that
// survives a kill.
#pragma once

#include <greenroom/greenroom.hpp>

#include <chrono>
#include <string>
#include <vector>

namespace greenroom::test {

/// Not started by being made; says "never" into a log if it runs.
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
