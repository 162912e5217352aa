// What the benchmarks share: a harness that measures again and again, prints a
// table, and writes the figures as JSON.
//
//   void measure(Round& round) {
//     const std::size_t count = round.pick(10'000'000, 100'000);
//     round.report("sleep()", nanoseconds_each(count, [&] { ... }), "ns",
//                  at_most(8));
//   }
//   int main(int argc, char** argv) {
//     return answer(argc, argv, {"What does giving way cost?"}, measure);
//   }
//
// All figures of a program are measured in each round, one after the other, so
// that a noisy moment of the machine does not fall on one of them alone.
//
// Thread rule: the main thread only.
#pragma once

#include "report.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace greenroom::bench {

/// One measurement of everything.
class Round {
 public:
  explicit Round(bool is_quick) : is_quick_(is_quick) {}

  /// How much to do: `quick` if --quick was given.
  [[nodiscard]] std::size_t pick(std::size_t full, std::size_t quick) const {
    return is_quick_ ? quick : full;
  }

  void report(std::string name, double value, std::string unit,
              Target target = {}) {
    figures_.push_back({std::move(name), std::move(unit), target, {value}});
  }

  /// Ends the program with status 1 if the computation went wrong.
  static void check(bool is_right, const char* claim);

  [[nodiscard]] std::vector<Figure>& figures() { return figures_; }

 private:
  bool is_quick_;
  std::vector<Figure> figures_;
};

/// The body of main(): reads the options, measures once to warm up and then
/// `runs` times, and prints. Returns main's status.
int answer(int argc, char** argv, Question question,
           const std::function<void(Round&)>& measure);

/// How long work() takes, divided by `count`.
template <class Work>
[[nodiscard]] double nanoseconds_each(std::size_t count, Work&& work) {
  const auto start = std::chrono::steady_clock::now();
  std::forward<Work>(work)();
  const std::chrono::duration<double, std::nano> taken =
      std::chrono::steady_clock::now() - start;
  return taken.count() / static_cast<double>(count);
}

/// Bytes of memory that this process uses now, and the most that it has used.
[[nodiscard]] double resident_bytes();
[[nodiscard]] double most_resident_bytes();

}  // namespace greenroom::bench
