// How long does a message take to reach everybody in a chat room of 10,000,
// each over a WebSocket? The server is the demo, in a process of its own; all
// clients are greenlets of this process.

#include "harness.hpp"

#include <greenroom/greenroom.hpp>

#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace greenroom;
using namespace greenroom::bench;
using namespace std::chrono_literals;

constexpr std::size_t kMessages = 20;

class ChatRoom {
 public:
  ChatRoom()
      : program_({GREENROOM_CHAT_ROOM, "--listen", "127.0.0.1:0"},
                 {.stdout_ = net::Redirect::pipe()}) {
    std::array<char, 200> line{};
    const auto size = program_.stdout_().read_some(line);
    const std::string_view said(line.data(), size);
    const auto at = said.find("127.0.0.1:");
    Round::check(at != std::string_view::npos, "the chat room opens");
    where_ = said.substr(at, said.rfind('/') - at);
  }
  ChatRoom(const ChatRoom&) = delete;
  ChatRoom& operator=(const ChatRoom&) = delete;
  ~ChatRoom() {
    program_.kill();
    program_.wait();
  }

  [[nodiscard]] const std::string& where() const { return where_; }
  [[nodiscard]] double resident_bytes() const {
    std::ifstream status("/proc/" + std::to_string(program_.pid()) + "/status");
    for (std::string word; status >> word;)
      if (double kib = 0; word == "VmRSS:" && status >> kib) return kib * 1024;
    return 0;
  }

 private:
  net::Popen program_;
  std::string where_;
};

// What all users have heard, message by message.
class Hearing {
 public:
  explicit Hearing(std::size_t users) : users_(users) {}

  void begin() {
    heard_ = 0;
    by_all_.clear();
  }
  void hear() {
    if (++heard_ == users_) by_all_.set();
  }
  void wait() { by_all_.wait(); }

 private:
  const std::size_t users_;
  std::size_t heard_ = 0;
  Event by_all_;
};

void enter(http::WebSocket& socket) {
  socket.send(R"({"type":"enter","room":"topic1","since":0})");
  while (socket.receive().value().data.find(R"("type":"entered")") ==
         std::string::npos) {
  }
}

void listen(http::WebSocket& socket, Hearing& hearing) {
  while (const auto line = socket.receive())
    if (line->data.find(R"("type":"message")") != std::string::npos)
      hearing.hear();
}

void measure(Round& round) {
  const std::size_t users = round.pick(10'000, 100);
  const Hub hub;
  const ChatRoom room;
  const double before = room.resident_bytes();

  std::vector<std::unique_ptr<http::WebSocket>> sockets(users);
  Pool arriving(100);
  for (std::size_t i = 0; i < users; ++i)
    arriving.spawn([&, i] {
      sockets[i] = std::make_unique<http::WebSocket>(
          "ws://" + room.where() + "/live?name=user" + std::to_string(i));
      enter(*sockets[i]);
    });
  arriving.join();
  Hearing hearing(users);
  Group listeners;
  for (const auto& socket : sockets)
    listeners.spawn([&] { listen(*socket, hearing); });
  sleep(500ms);  // until all know of each other
  round.report("memory of the server for each user",
               (room.resident_bytes() - before) / static_cast<double>(users),
               "bytes");

  std::vector<double> times;
  for (std::size_t i = 0; i < kMessages; ++i) {
    hearing.begin();
    times.push_back(nanoseconds_each(1, [&] {
      sockets[0]->send(R"({"type":"say","room":"topic1","text":"hello"})");
      hearing.wait();
    }));
  }
  listeners.kill();
  std::sort(times.begin(), times.end());
  round.report("until the last has it, median", times[times.size() / 2] / 1e6,
               "ms", at_most(250));
  round.report("until the last has it, worst", times.back() / 1e6, "ms");
}

void allow_many_descriptors() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

int main(int argc, char** argv) {
  allow_many_descriptors();
  return answer(argc, argv,
                {.text = "How long does a message take to reach a chat room of "
                         "10,000?",
                 .runs = 3,
                 .in_new_processes = true},
                measure);
}
