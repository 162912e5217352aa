// The results of a benchmark, as a table and as JSON.
//
// Thread rule: any thread; values.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace greenroom::bench {

/// What a figure should reach. It is printed beside it; nothing fails if it is
/// missed.
struct Target {
  enum class Kind { none, at_most, at_least };
  Kind kind = Kind::none;
  double bound = 0;
};

[[nodiscard]] constexpr Target at_most(double bound) {
  return {Target::Kind::at_most, bound};
}
[[nodiscard]] constexpr Target at_least(double bound) {
  return {Target::Kind::at_least, bound};
}

/// A row of the table.
struct Figure {
  std::string name;
  std::string unit;
  Target target;
  std::vector<double> values;  // one per run

  [[nodiscard]] double median() const;
  [[nodiscard]] double least() const;
  [[nodiscard]] double most() const;
};

struct Question {
  std::string text;
  std::size_t runs = 7;  // unless --runs says otherwise
  /// Each round in a process of its own: for memory, which a process keeps.
  bool in_new_processes = false;
};

/// Everything that a run of a benchmark has found out.
struct Report {
  std::string program;
  Question question;
  std::vector<Figure> figures;
};

void print_table(const Report& report);
/// The rows alone, each with the program's name, in columns that fit them all.
void print_rows(const Report& report);
/// Throws std::runtime_error if the file cannot be written.
void write_json(const Report& report, const std::string& file);

}  // namespace greenroom::bench
