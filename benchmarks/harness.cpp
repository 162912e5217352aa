#include "harness.hpp"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string_view>

namespace greenroom::bench {
namespace {

class WrongUse : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// ---- Options

struct Options {
  std::string json_file;
  bool rows_only = false;
  std::size_t runs = 0;  // 0: as many as the question says
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
    } else if (flag == "--rows") {
      options.rows_only = true;
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
      "usage: %s [--json FILE] [--runs N] [--quick] [--rows]\n"
      "  --json FILE  write the figures there, too\n"
      "  --rows       print rows for a table of several programs, no heading\n"
      "  --runs N     measure N times (default: %zu), after once to warm up\n"
      "  --quick      do little, twice: shows that it works, not how fast\n"
      "  --help       print this\n",
      question.text.c_str(), program, question.runs);
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

}  // namespace

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

    const Report report{program, question,
                        measure_all(question, options.quick, measure)};
    options.rows_only ? print_rows(report) : print_table(report);
    if (!options.json_file.empty()) write_json(report, options.json_file);
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
