#include "harness.hpp"

#include <sys/resource.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string_view>
#include <thread>

namespace greenroom::bench {
namespace {

class WrongUse : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// ---- Options

struct Options {
  std::string json_file;
  std::size_t runs = 0;  // 0: the question's own
  bool quick = false;
  bool help = false;
};

Options read_options(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view flag = argv[i];
    const auto value = [&]() -> std::string_view {
      if (++i == argc) throw WrongUse(std::string(flag) + " needs a value");
      return argv[i];
    };
    if (flag == "--help") {
      options.help = true;
    } else if (flag == "--quick") {
      options.quick = true;
    } else if (flag == "--json") {
      options.json_file = value();
      if (!std::ofstream(options.json_file, std::ios::app))
        throw WrongUse("cannot write to '" + options.json_file + "'");
    } else if (flag == "--runs") {
      const std::string_view text = value();
      const auto [end, error] =
          std::from_chars(text.data(), text.data() + text.size(), options.runs);
      if (error != std::errc() || end != text.data() + text.size() ||
          options.runs == 0)
        throw WrongUse("--runs needs a number from 1 up, not '" +
                       std::string(text) + "'");
    } else {
      throw WrongUse("there is no option '" + std::string(flag) + "'");
    }
  }
  return options;
}

void print_help(const char* program, const Question& question) {
  std::printf(
      "%s\n\n"
      "usage: %s [--json FILE] [--runs N] [--quick]\n"
      "  --json FILE  write the figures there, too\n"
      "  --runs N     measure N times (default: %zu), after once to warm up\n"
      "  --quick      do little, twice: shows that it works, not how fast\n"
      "  --help       print this\n",
      question.text.c_str(), program, question.runs);
}

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

// ---- Measuring

void show_progress(std::size_t round, std::size_t rounds) {
  if (isatty(STDERR_FILENO) == 0) return;
  if (round == rounds)
    std::fputs("\r\033[K", stderr);
  else
    std::fprintf(stderr, "\r\033[Kround %zu of %zu", round + 1, rounds);
}

// A figure on its way from one process to another: a line.
void write_line(std::ostream& out, const Figure& figure) {
  out << static_cast<int>(figure.target.kind) << ' ' << figure.target.bound
      << ' ' << figure.values.front() << ' ' << figure.name << '\t'
      << figure.unit << '\n';
}

bool read_line(std::istream& in, Figure& figure) {
  int kind = 0;
  double value = 0;
  in >> kind >> figure.target.bound >> value;
  figure.target.kind = static_cast<Target::Kind>(kind);
  figure.values = {value};
  std::getline(in.ignore(), figure.name, '\t');
  std::getline(in, figure.unit);
  return !in.fail();
}

using Measure = std::function<void(Round&)>;

std::vector<Figure> measure_here(const Measure& measure, bool quick) {
  Round round(quick);
  measure(round);
  return std::move(round.figures());
}

// The child sends its figures through a pipe.
std::vector<Figure> measure_in_new_process(const Measure& measure, bool quick) {
  int ends[2];
  if (pipe(ends) != 0) throw std::runtime_error("cannot make a pipe");
  const pid_t child = fork();
  if (child < 0) throw std::runtime_error("cannot fork");
  if (child == 0) {
    close(ends[0]);
    std::ostringstream lines;
    lines.precision(17);
    for (const Figure& figure : measure_here(measure, quick))
      write_line(lines, figure);
    const std::string text = lines.str();
    const auto size = static_cast<ssize_t>(text.size());
    std::_Exit(write(ends[1], text.data(), text.size()) == size ? 0 : 1);
  }
  close(ends[1]);
  std::string text;
  char piece[4096];
  for (ssize_t n; (n = read(ends[0], piece, sizeof piece)) > 0;)
    text.append(piece, static_cast<std::size_t>(n));
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  if (status != 0) throw std::runtime_error("a round failed");

  std::istringstream lines(text);
  std::vector<Figure> figures;
  for (Figure figure; read_line(lines, figure);) figures.push_back(figure);
  return figures;
}

std::vector<Figure> measure_all(const Question& question, bool quick,
                                const Measure& measure) {
  std::vector<Figure> all;
  for (std::size_t i = 0; i <= question.runs; ++i) {
    show_progress(i, question.runs + 1);
    const auto figures = question.in_new_processes
                             ? measure_in_new_process(measure, quick)
                             : measure_here(measure, quick);
    if (i == 0) continue;  // to warm up
    if (i == 1) {
      all = figures;
      continue;
    }
    for (std::size_t row = 0; row < all.size(); ++row)
      all[row].values.push_back(figures.at(row).values.front());
  }
  show_progress(question.runs + 1, question.runs + 1);
  return all;
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

void print_table(const Question& question, const std::vector<Figure>& figures) {
  std::size_t width = 0;
  for (const Figure& figure : figures)
    width = std::max(width, figure.name.size());

  std::printf("%s\n%s\n%s\n", question.text.c_str(), machine().c_str(),
              build().c_str());
  std::printf("%zu runs after 1 to warm up%s\n\n", question.runs,
              question.in_new_processes ? ", each in a new process" : "");
  const int name_width = static_cast<int>(width);
  std::printf("%-*s  %8s %-7s  %-18s  %s\n", name_width, "", "median", "",
              "min..max", "target");
  for (const Figure& figure : figures) print_row(figure, name_width);
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

void write_json(const std::string& file, const std::string& program,
                const Question& question, const std::vector<Figure>& figures) {
  std::ofstream out(file);
  out.precision(10);
  out << "{\n  \"program\": " << quoted(program)
      << ",\n  \"question\": " << quoted(question.text)
      << ",\n  \"machine\": " << quoted(machine())
      << ",\n  \"build\": " << quoted(build())
      << ",\n  \"warm_up\": 1,\n  \"runs\": " << question.runs
      << ",\n  \"figures\": [\n";
  for (const char* comma = ""; const Figure& figure : figures) {
    out << std::exchange(comma, ",\n");
    write_figure(out, figure);
  }
  out << "\n  ]\n}\n";
  if (!out.flush()) throw std::runtime_error("cannot write to '" + file + "'");
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

void Round::check(bool is_right, const char* claim) {
  if (is_right) return;
  std::fprintf(stderr, "wrong: it does not hold that %s\n", claim);
  std::_Exit(1);
}

int answer(int argc, char** argv, Question question,
           const std::function<void(Round&)>& measure) {
  const std::string path = argv[0];
  const std::string program = path.substr(path.rfind('/') + 1);
  try {
    const Options options = read_options(argc, argv);
    if (options.help) {
      print_help(program.c_str(), question);
      return 0;
    }
    if (options.quick) question.runs = 2;
    if (options.runs != 0) question.runs = options.runs;

    const auto figures = measure_all(question, options.quick, measure);
    print_table(question, figures);
    if (!options.json_file.empty())
      write_json(options.json_file, program, question, figures);
    return 0;
  } catch (const WrongUse& error) {
    std::fprintf(stderr, "%s: %s; --help lists the options\n", program.c_str(),
                 error.what());
    return 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s\n", program.c_str(), error.what());
    return 1;
  }
}

double resident_bytes() {
  std::ifstream in("/proc/self/statm");
  double mapped = 0;
  double resident = 0;
  in >> mapped >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE));
}

double most_resident_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) * 1024;
}

}  // namespace greenroom::bench
