#include "report.hpp"

#include <sys/utsname.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <string_view>
#include <thread>
#include <utility>

namespace greenroom::bench {
namespace {

// ---- Where it runs

std::string first_line_after(const char* file, std::string_view key) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);)
    if (line.starts_with(key))
      return line.substr(std::min(line.size(), line.find(':') + 2));
  return "unknown processor";
}

std::string machine() {
  utsname system{};
  uname(&system);
  double load = 0;
  getloadavg(&load, 1);
  char text[512];
  std::snprintf(text, sizeof text, "%s, %u processors, %s %s, load %.1f",
                first_line_after("/proc/cpuinfo", "model name").c_str(),
                std::thread::hardware_concurrency(), system.sysname,
                system.release, load);
  return text;
}

std::string build() {
#if defined(__clang__)
  const std::string compiler = __VERSION__;
#else
  const std::string compiler = "g++ " __VERSION__;
#endif
  return compiler + ", " GREENROOM_BUILD;
}

// ---- Printing

std::string number(double value) {
  char text[64];
  const double size = std::abs(value);
  const int decimals = size >= 100 ? 0 : size >= 10 ? 1 : 2;
  std::snprintf(text, sizeof text, "%.*f", decimals, value);
  return text;
}

bool is_met(const Figure& figure) {
  return figure.target.kind == Target::Kind::at_most
             ? figure.median() <= figure.target.bound
             : figure.median() >= figure.target.bound;
}

void print_row(const Figure& figure, int name_width) {
  const std::string spread =
      number(figure.least()) + ".." + number(figure.most());
  std::printf("%-*s  %8s %-7s  %-18s", name_width, figure.name.c_str(),
              number(figure.median()).c_str(), figure.unit.c_str(),
              spread.c_str());
  if (figure.target.kind != Target::Kind::none)
    std::printf("  %s %-7s %s",
                figure.target.kind == Target::Kind::at_most ? "<=" : ">=",
                number(figure.target.bound).c_str(),
                is_met(figure) ? "met" : "missed");
  std::printf("\n");
}

std::string quoted(std::string_view text) {
  std::string json = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') json += '\\';
    json += c;
  }
  return json + '"';
}

void write_figure(std::ostream& out, const Figure& figure) {
  out << "    {\"name\": " << quoted(figure.name)
      << ", \"unit\": " << quoted(figure.unit)
      << ", \"median\": " << figure.median() << ", \"min\": " << figure.least()
      << ", \"max\": " << figure.most();
  if (figure.target.kind == Target::Kind::at_most)
    out << ", \"at_most\": " << figure.target.bound;
  if (figure.target.kind == Target::Kind::at_least)
    out << ", \"at_least\": " << figure.target.bound;
  out << ", \"values\": [";
  for (const char* comma = ""; const double value : figure.values)
    out << std::exchange(comma, ", ") << value;
  out << "]}";
}

}  // namespace

double Figure::median() const {
  std::vector<double> sorted = values;
  std::sort(sorted.begin(), sorted.end());
  const std::size_t middle = sorted.size() / 2;
  return sorted.size() % 2 == 1 ? sorted[middle]
                                : (sorted[middle - 1] + sorted[middle]) / 2;
}

double Figure::least() const {
  return *std::min_element(values.begin(), values.end());
}

double Figure::most() const {
  return *std::max_element(values.begin(), values.end());
}

void print_table(const Report& report) {
  std::size_t width = 0;
  for (const Figure& figure : report.figures)
    width = std::max(width, figure.name.size());

  std::printf("%s\n%s\n%s\n", report.question.text.c_str(), machine().c_str(),
              build().c_str());
  std::printf(
      "%zu runs after 1 to warm up%s\n\n", report.question.runs,
      report.question.in_new_processes ? ", each in a new process" : "");
  const int name_width = static_cast<int>(width);
  std::printf("%-*s  %8s %-7s  %-18s  %s\n", name_width, "", "median", "",
              "min..max", "target");
  for (const Figure& figure : report.figures) print_row(figure, name_width);
  std::printf("\n");
}

void print_rows(const Report& report) {
  constexpr int program_width = 17;
  constexpr int name_width = 32;
  for (const Figure& figure : report.figures) {
    std::printf("%-*s ", program_width, report.program.c_str());
    print_row(figure, name_width);
  }
}

void write_json(const Report& report, const std::string& file) {
  std::ofstream out(file);
  out.precision(10);
  out << "{\n  \"program\": " << quoted(report.program)
      << ",\n  \"question\": " << quoted(report.question.text)
      << ",\n  \"machine\": " << quoted(machine())
      << ",\n  \"build\": " << quoted(build())
      << ",\n  \"warm_up\": 1,\n  \"runs\": " << report.question.runs
      << ",\n  \"figures\": [\n";
  for (const char* comma = ""; const Figure& figure : report.figures) {
    out << std::exchange(comma, ",\n");
    write_figure(out, figure);
  }
  out << "\n  ]\n}\n";
  if (!out.flush()) throw std::runtime_error("cannot write to '" + file + "'");
}

}  // namespace greenroom::bench
