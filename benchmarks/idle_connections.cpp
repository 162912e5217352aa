// How much memory does an http::Server use for 10,000 connections that are kept
// alive and say nothing? And how long does another client wait for its answer
// while 10,000 send their heads a byte at a time?
//
// The 10,000 are in processes of their own, which know nothing of greenroom.

#include "harness.hpp"

#include <greenroom/greenroom.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <vector>

namespace {

using namespace greenroom;
using namespace greenroom::bench;
using namespace std::chrono_literals;

constexpr std::string_view kRequest = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
constexpr std::size_t kSlowBytes = 10;  // of the head, one each 200 ms

int connect_to(std::uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (fd < 0 || connect(fd, reinterpret_cast<const sockaddr*>(&address),
                        sizeof address) != 0)
    std::_Exit(1);
  return fd;
}

std::vector<int> connect_all(std::uint16_t port, std::size_t count) {
  std::vector<int> fds;
  while (fds.size() < count) fds.push_back(connect_to(port));
  return fds;
}

void send_all(const std::vector<int>& fds, std::string_view bytes) {
  for (const int fd : fds)
    if (send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL) < 0) std::_Exit(1);
}

// They ask once, and then never again.
void be_idle(const std::vector<int>& fds) {
  send_all(fds, kRequest);
  std::array<char, 1000> answer{};
  for (const int fd : fds)
    if (read(fd, answer.data(), answer.size()) <= 0) std::_Exit(1);
}

void be_slow(const std::vector<int>& fds) {
  send_all(fds, kRequest.substr(0, 1));
}

void go_on_slowly(const std::vector<int>& fds) {
  for (std::size_t i = 1; i < kSlowBytes; ++i) {
    usleep(200'000);
    send_all(fds, kRequest.substr(i, 1));
  }
}

// A process that plays many clients. Make it before there is a hub.
class Clients {
 public:
  using Do = void (*)(const std::vector<int>&);

  Clients(std::size_t count, Do first, Do then) {
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends_.data()) != 0) std::abort();
    pid_ = fork();
    if (pid_ != 0) return;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    std::uint16_t port = 0;
    if (read(ends_[1], &port, sizeof port) != sizeof port) std::_Exit(1);
    const auto fds = connect_all(port, count);
    first(fds);
    if (write(ends_[1], "!", 1) != 1) std::_Exit(1);
    then(fds);
    for (;;) pause();
  }
  Clients(const Clients&) = delete;
  Clients& operator=(const Clients&) = delete;
  ~Clients() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    for (const int end : ends_) close(end);
  }

  /// Parks until all of them are there, and have done the first thing.
  void come(std::uint16_t port) {
    char answer = 0;
    Round::check(write(ends_[0], &port, sizeof port) == sizeof port &&
                     net::wait_read(ends_[0], 60s) &&
                     read(ends_[0], &answer, 1) == 1,
                 "all clients come");
  }

 private:
  std::array<int, 2> ends_{};
  pid_t pid_ = 0;
};

// Milliseconds for each of `count` requests.
std::vector<double> times_of_answers(const net::Endpoint& server,
                                     std::size_t count) {
  std::vector<double> times;
  for (std::size_t i = 0; i < count; ++i) {
    times.push_back(
        nanoseconds_each(1,
                         [&] {
                           const auto answer =
                               http::get("http://" + server.to_string() + "/");
                           Round::check(answer.status == 200, "it is answered");
                         }) /
        1e6);
    sleep(10ms);
  }
  std::sort(times.begin(), times.end());
  return times;
}

void measure(Round& round) {
  const std::size_t count = round.pick(10'000, 100);
  std::optional<Clients> idle(std::in_place, count, be_idle,
                              [](const std::vector<int>&) {});
  Clients slow(count, be_slow, go_on_slowly);
  const Hub hub;
  http::Server server({"127.0.0.1", 0},
                      [](auto&, auto& response) { response.send("hello"); });
  server.start();
  const std::uint16_t port = server.endpoint().port();
  const double before = resident_bytes();

  idle->come(port);
  Round::check(server.connections() == count, "all of them stay");
  round.report("idle connection",
               (resident_bytes() - before) / static_cast<double>(count),
               "bytes", at_most(8192));
  idle.reset();
  while (server.connections() != 0) sleep(10ms);

  slow.come(port);
  const auto times = times_of_answers(server.endpoint(), round.pick(100, 10));
  Round::check(server.connections() >= count, "all of them are still at it");
  round.report("answer beside the slow ones, median", times[times.size() / 2],
               "ms");
  round.report("answer beside the slow ones, worst", times.back(), "ms",
               at_most(100));
}

}  // namespace

int main(int argc, char** argv) {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  return answer(
      argc, argv,
      {.text = "What do 10,000 idle connections cost, and 10,000 slow "
               "ones those who are not?",
       .runs = 3,
       .in_new_processes = true},
      measure);
}
