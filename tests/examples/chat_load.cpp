// The chat room with clients that misbehave: they lose their connections, and
// whole processes of them are stopped for a while. Every message that the room
// acknowledged must have been heard exactly once, in order, by everybody who
// stayed or came back.
//
//   chat_load <chat_room> [<clients> [<seconds>]]
//
// If that is not so, it prints what is wrong, and ends with status 1.

#include <greenroom/greenroom.hpp>

#include <boost/json.hpp>

#include <signal.h>

#include <array>
#include <cstdint>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace greenroom;
using namespace std::chrono_literals;
namespace json = boost::json;

constexpr std::size_t kUsersOfProcess = 10;

// Texts, by their ids.
using Heard = std::map<std::uint64_t, std::string>;

[[noreturn]] void fail(const std::string& what) {
  std::cerr << "chat_load: " << what << std::endl;
  std::_Exit(1);
}

// ---- a client

class User {
 public:
  User(std::string where, std::string name, unsigned seed)
      : where_(std::move(where)), name_(std::move(name)), random_(seed) {}

  /// Says things until `end`, and goes on until all of it is acknowledged.
  void speak(TimePoint end) {
    while (Hub::current().now() < end || !said_.empty()) {
      try {
        visit(end);
      } catch (const std::system_error&) {
        sleep(50ms);  // the room is busy; try again
      } catch (const http::ClientGone&) {
        ++losses_;
      }
    }
  }

  /// Comes back once more, for what it has missed.
  void catch_up() {
    http::WebSocket socket("ws://" + where_ + "/live?name=" + name_);
    enter(socket);
    while (!has_entered_) hear(socket.receive());
  }

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const Heard& heard() const { return heard_; }
  [[nodiscard]] const Heard& acknowledged() const { return acknowledged_; }
  [[nodiscard]] std::size_t losses() const { return losses_; }

 private:
  // One connection, until it is lost: by itself, or because it is time.
  void visit(TimePoint end) {
    http::WebSocket socket("ws://" + where_ + "/live?name=" + name_);
    enter(socket);
    for (const auto& [token, text] : said_) say(socket, token, text);
    const TimePoint lost = Hub::current().now() + random(500ms, 8s);
    TimePoint next = Hub::current().now() + random(100ms, 3s);
    while (socket.is_open()) {
      const TimePoint now = Hub::current().now();
      if (now >= end && said_.empty()) return;
      if (now >= lost) break;
      if (now >= next && now < end) {
        const std::string token = std::to_string(++count_);
        said_[token] = name_ + " " + token;
        say(socket, token, said_[token]);
        next = now + random(500ms, 3s);
      }
      try {
        hear(with_timeout(100ms, [&] { return socket.receive(); }));
      } catch (const TimeoutError&) {
        // Nothing came; perhaps there is something else to do.
      }
    }
    ++losses_;
  }

  void enter(http::WebSocket& socket) {
    has_entered_ = false;
    socket.send(json::serialize(
        json::object{{"type", "enter"}, {"room", "topic1"}, {"since", last_}}));
  }

  void say(http::WebSocket& socket, const std::string& token,
           const std::string& text) {
    socket.send(json::serialize(json::object{{"type", "say"},
                                             {"room", "topic1"},
                                             {"text", text},
                                             {"token", token}}));
  }

  void hear(const std::optional<http::WebSocket::Message>& received) {
    if (!received) return;
    const auto line = json::parse(received->data).as_object();
    const auto type = line.at("type").as_string();
    if (type == "message") {
      take(line);
    } else if (type == "entered") {
      if (line.at("gap").as_bool()) fail(name_ + " was away for too long");
      for (const auto& message : line.at("messages").as_array())
        take(message.as_object());
      has_entered_ = true;
    } else if (type == "heard") {
      const std::string token = line.at("token").as_string().c_str();
      const auto id = line.at("id").to_number<std::uint64_t>();
      const auto found = said_.find(token);
      if (found == said_.end()) return;  // it was acknowledged before
      acknowledged_[id] = found->second;
      said_.erase(found);
    } else if (type == "error") {
      fail(name_ + " was told " + received->data);
    }
  }

  void take(const json::object& message) {
    const auto id = message.at("id").to_number<std::uint64_t>();
    if (last_ != 0 && id != last_ + 1)
      fail(name_ + " has heard " + std::to_string(id) + " after " +
           std::to_string(last_));
    last_ = id;
    heard_[id] = message.at("text").as_string().c_str();
  }

  Duration random(Duration least, Duration most) {
    return Duration(std::uniform_int_distribution<Duration::rep>(
        least.count(), most.count())(random_));
  }

  const std::string where_;
  const std::string name_;
  std::minstd_rand random_;
  std::map<std::string, std::string> said_;  // not acknowledged yet, by token
  Heard heard_;
  Heard acknowledged_;
  std::uint64_t last_ = 0;
  std::uint64_t count_ = 0;
  std::size_t losses_ = 0;
  bool has_entered_ = false;
};

// A process of them. When all have spoken it prints "spoken", waits for a line,
// and prints what they have heard: {"heard":{id:text},"acknowledged":...}.
int be_clients(const std::string& where, unsigned number, int seconds) {
  std::vector<std::unique_ptr<User>> users;
  for (std::size_t i = 0; i < kUsersOfProcess; ++i) {
    const auto id = number * kUsersOfProcess + i;
    users.push_back(std::make_unique<User>(where, "user" + std::to_string(id),
                                           static_cast<unsigned>(id)));
  }
  const TimePoint end = Hub::current().now() + std::chrono::seconds(seconds);
  Group all;
  for (const auto& user : users) all.spawn([&] { user->speak(end); });
  all.join();
  std::cout << "spoken" << std::endl;
  std::string line;
  net::wait_read(0);
  std::getline(std::cin, line);
  for (const auto& user : users) all.spawn([&] { user->catch_up(); });
  all.join();

  json::object heard;
  json::object acknowledged;
  std::size_t losses = 0;
  for (const auto& user : users) {
    losses += user->losses();
    for (const auto& [id, text] : user->acknowledged())
      acknowledged[std::to_string(id)] = text;
    for (const auto& [id, text] : user->heard()) {
      const auto known = heard.emplace(std::to_string(id), text).first;
      if (known->value().as_string() != text)
        fail(user->name() + " has heard something else");
    }
    if (user->heard().rbegin()->first != users[0]->heard().rbegin()->first)
      fail(user->name() + " has not heard the last message");
  }
  std::cout << json::serialize(json::object{{"heard", heard},
                                            {"acknowledged", acknowledged},
                                            {"losses", losses}})
            << std::endl;
  return 0;
}

// ---- who starts them

std::string read_line(net::PipeStream& from) {
  std::string line;
  std::array<char, 65536> piece;  // NOLINT(*-member-init)
  while (!line.ends_with('\n')) {
    const auto count = from.read_some(piece);
    if (count == 0) fail("a process has ended too early");
    line.append(piece.data(), count);
  }
  return line;
}

using Processes = std::vector<std::unique_ptr<net::Popen>>;

// Stops one process after the other, for up to two seconds.
void stop_some(const Processes& processes) {
  std::minstd_rand random(1);
  for (;;) {
    auto& one = *processes[random() % processes.size()];
    one.send_signal(SIGSTOP);
    sleep(std::chrono::milliseconds(random() % 2000));
    one.send_signal(SIGCONT);
    sleep(std::chrono::milliseconds(random() % 300));
  }
}

// Each text has one id, everywhere; and every acknowledged text was heard.
void check(const std::vector<json::object>& reports) {
  std::map<std::string, std::string> all;
  std::set<std::string> texts;
  std::size_t acknowledged = 0;
  std::int64_t losses = 0;
  for (const auto& report : reports) {
    losses += report.at("losses").as_int64();
    for (const auto& [id, text] : report.at("heard").as_object()) {
      const auto [known, is_new] = all.emplace(id, text.as_string().c_str());
      if (known->second != text.as_string())
        fail("message " + known->first + " is not the same for all");
      if (is_new && !texts.insert(known->second).second)
        fail("'" + known->second + "' was said once and heard twice");
    }
  }
  for (const auto& report : reports)
    for (const auto& [id, text] : report.at("acknowledged").as_object()) {
      ++acknowledged;
      const auto found = all.find(id);
      if (found == all.end() || found->second != text.as_string())
        fail("'" + std::string(text.as_string()) + "' was lost");
    }
  if (acknowledged == 0 || losses == 0) fail("nothing has happened");
  std::cout << acknowledged
            << " messages acknowledged, each heard once by all; " << losses
            << " connections lost\n";
}

int attack(const std::string& self, const std::string& program, int clients,
           int seconds) {
  net::Popen room({program, "--listen", "127.0.0.1:0"},
                  {.stdout_ = net::Redirect::pipe()});
  const std::string line = read_line(room.stdout_());
  const auto at = line.find("127.0.0.1:");
  const std::string where = line.substr(at, line.rfind('/') - at);

  Processes processes;
  for (int i = 0; i * static_cast<int>(kUsersOfProcess) < clients; ++i)
    processes.push_back(std::make_unique<net::Popen>(
        std::vector<std::string>{self, "--clients", where, std::to_string(i),
                                 std::to_string(seconds)},
        net::PopenOptions{.stdin_ = net::Redirect::pipe(),
                          .stdout_ = net::Redirect::pipe()}));
  const auto stopper = spawn([&] { stop_some(processes); });
  sleep(std::chrono::seconds(seconds));
  stopper->kill();
  for (const auto& each : processes) each->send_signal(SIGCONT);

  for (const auto& each : processes) read_line(each->stdout_());
  std::vector<json::object> reports;
  for (const auto& each : processes) {
    each->stdin_().write("now\n");
    reports.push_back(json::parse(read_line(each->stdout_())).as_object());
    if (each->wait() != 0) fail("a process has failed");
  }
  room.terminate();
  if (room.wait() != 0) fail("the chat room has failed");
  check(reports);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> args(argv, argv + argc);
  if (args.size() == 5 && args[1] == "--clients")
    return be_clients(args[2], static_cast<unsigned>(std::stoul(args[3])),
                      std::stoi(args[4]));
  if (args.size() < 2 || args.size() > 4) {
    std::cerr << "chat_load <chat_room> [<clients> [<seconds>]]\n";
    return 2;
  }
  return attack(args[0], args[1], args.size() > 2 ? std::stoi(args[2]) : 200,
                args.size() > 3 ? std::stoi(args[3]) : 120);
}
