// ZmqSocket and a peer in Python, in both directions. CMake tells where peer.py
// is: GREENROOM_ZMQ_PEER.

#include "../../../support/catch2.hpp"

#include <greenroom/runtime/core/hub.hpp>
#include <greenroom/runtime/net/wait_fd.hpp>
#include <greenroom/runtime/net/zmq/zmq_socket.hpp>
#include <greenroom/runtime/tasks/spawn.hpp>
#include <greenroom/runtime/tasks/thread_pool.hpp>

#include <array>
#include <cstddef>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <utility>

namespace greenroom::test {
namespace {

using net::ZmqSocket;
using Type = ::zmq::socket_type;

constexpr auto kAnyPort = "tcp://127.0.0.1:*";

// Runs peer.py.
class Peer {
 public:
  explicit Peer(const std::string& arguments) {
    const std::string command = "/usr/bin/python3 '" +
                                std::string(GREENROOM_ZMQ_PEER) + "' " +
                                arguments;
    // NOLINTNEXTLINE(bugprone-command-processor, cert-env33-c)
    process_ = popen(command.c_str(), "re");
    if (process_ == nullptr) throw std::runtime_error("popen");
  }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;
  ~Peer() {
    if (process_ != nullptr) pclose(process_);
  }

  /// Parks until it has said something.
  std::string line() {
    net::wait_read(fileno(process_));
    std::array<char, 200> text{};
    if (fgets(text.data(), text.size(), process_) == nullptr) return "";
    std::string line = text.data();
    if (line.ends_with('\n')) line.pop_back();
    return line;
  }
  /// Parks until it has ended; says how.
  int status() { return offload(pclose, std::exchange(process_, nullptr)); }

 private:
  FILE* process_ = nullptr;
};

TEST_CASE("zmq: asks a peer in Python", "[runtime][net][zmq][python]") {
  ::zmq::context_t context;
  const Hub hub;
  Peer peer("rep");
  ZmqSocket req(context, Type::req);
  req.connect(peer.line());
  int right = 0;
  for (int i = 0; i < 100; ++i) {
    req.send(std::to_string(i));
    right += req.recv().to_string() == "re: " + std::to_string(i) ? 1 : 0;
  }
  CHECK(right == 100);
  req.send("end");
  CHECK(req.recv().to_string() == "re: end");
  CHECK(peer.status() == 0);
}

TEST_CASE("zmq: answers a peer in Python", "[runtime][net][zmq][python]") {
  ::zmq::context_t context;
  const Hub hub;
  ZmqSocket rep(context, Type::rep);
  rep.bind(kAnyPort);
  Peer peer("req " + rep.local_endpoint());
  for (int i = 0; i < 100; ++i) rep.send("re: " + rep.recv().to_string());
  CHECK(peer.status() == 0);
}

TEST_CASE("zmq: a peer in Python sends messages of two parts",
          "[runtime][net][zmq][python]") {
  ::zmq::context_t context;
  const Hub hub;
  ZmqSocket pull(context, Type::pull);
  pull.bind(kAnyPort);
  Peer peer("push " + pull.local_endpoint());
  for (std::size_t i = 0; i < 100; ++i) {
    const auto parts = pull.recv_multipart();
    REQUIRE(parts.size() == 2);
    CHECK(parts[0].to_string() == std::to_string(i));
    CHECK(parts[1].size() == i);
  }
  CHECK(peer.status() == 0);
}

TEST_CASE("zmq: publishes to a peer in Python", "[runtime][net][zmq][python]") {
  ::zmq::context_t context;
  const Hub hub;
  ZmqSocket pub(context, Type::xpub);
  pub.bind(kAnyPort);
  Peer peer("sub " + pub.local_endpoint());
  CHECK(pub.recv().to_string() == "\1news");  // it has subscribed
  for (const char* text : {"news:1", "weather", "news:2"}) pub.send(text);
  CHECK(peer.line() == "news:1 news:2");
  CHECK(peer.status() == 0);
}

}  // namespace
}  // namespace greenroom::test
