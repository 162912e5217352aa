// How many requests a second does the tutorial's hello world answer, compared
// with gevent's own, Go's and nginx's? `wrk -t1 -c100` asks on a core of its
// own; each server runs on the other one, and those that are not installed are
// left out. And does `ab -n 10000 -c 100`, which connects for each request,
// finish without an error?

#include "harness.hpp"

#include <greenroom/greenroom.hpp>

#include <array>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

using namespace greenroom;
using namespace greenroom::bench;
using namespace std::chrono_literals;

using Args = std::vector<std::string>;

// The Python that Debian's packages are for.
const std::string kPython = "/usr/bin/python3";

bool succeeds(const std::string& line) {
  return net::run(net::shell(line + " >/dev/null 2>&1")).returncode == 0;
}

bool is_there(const std::string& program) {
  return succeeds("command -v " + program);
}

// On one core: of several programs each has its own.
Args pinned(unsigned core, Args program) {
  Args args{"taskset", "-c",
            std::to_string(core % std::thread::hardware_concurrency())};
  args.insert(args.end(), program.begin(), program.end());
  return args;
}

// A program that prints the port at which it serves; it ends with this object.
class Server {
 public:
  explicit Server(const Args& program)
      : process_(pinned(0, program), {.stdout_ = net::Redirect::pipe()}) {
    std::array<char, 16> line{};
    const auto count = process_.stdout_().read_some(line);
    Round::check(count != 0, "the server starts");
    url_ = "http://127.0.0.1:" + std::to_string(std::atoi(line.data())) + "/";
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server() {
    process_.terminate();
    process_.wait();
  }

  [[nodiscard]] const std::string& url() const { return url_; }

 private:
  net::Popen process_;
  std::string url_;
};

// The number behind `label` in what a program has printed.
double number_after(const std::string& text, std::string_view label) {
  const auto at = text.find(label);
  Round::check(at != std::string::npos, "the client has measured");
  return std::strtod(text.c_str() + at + label.size(), nullptr);
}

// Requests per second over connections that stay open.
double kept_alive(const Server& server, std::size_t seconds) {
  const auto said = net::check_output(
      pinned(1, {"wrk", "-t1", "-c100", "-d" + std::to_string(seconds) + "s",
                 server.url()}));
  Round::check(said.find("Non-2xx") == std::string::npos &&
                   said.find("Socket errors") == std::string::npos,
               "every request is answered");
  return number_after(said, "Requests/sec:");
}

// The same with a connection for each request.
double one_by_one(const Server& server, std::size_t count) {
  const auto said = net::check_output(pinned(
      1, {"ab", "-q", "-n", std::to_string(count), "-c", "100", server.url()}));
  Round::check(number_after(said, "Failed requests:") == 0,
               "no request of ab fails");
  return number_after(said, "Requests per second:");
}

void measure(Round& round) {
  const Hub hub;
  const std::size_t seconds = round.pick(3, 1);
  const auto ask = [&](const Args& program) {
    return kept_alive(Server(program), seconds);
  };
  const std::string peers = GREENROOM_PEERS;
  const std::string go = GREENROOM_HELLO_GO;

  const double ours = ask({GREENROOM_HELLO});
  round.report("kept alive", ours, "/s");
  if (is_there("nginx"))
    round.report("of nginx's", ours / ask({peers + "/hello_nginx.sh"}), "");
  if (!go.empty())
    round.report("times as many as Go, GOMAXPROCS=1", ours / ask({go}), "",
                 at_least(1.2));
  if (succeeds(kPython + " -c 'import gevent'"))
    round.report("times as many as pywsgi, TCP_NODELAY",
                 ours / ask({kPython, peers + "/hello.py"}), "", at_least(8));
  if (is_there("ab"))
    round.report(
        "one by one (ab)",
        one_by_one(Server({GREENROOM_HELLO}), round.pick(10'000, 1'000)), "/s");
}

}  // namespace

int main(int argc, char** argv) {
  if (std::system("command -v wrk >/dev/null") != 0) {
    std::cerr << "hello_world asks with wrk, which is not installed.\n";
    return 0;
  }
  return answer(argc, argv,
                {"How many requests a second does a hello world answer?", 5},
                measure);
}
