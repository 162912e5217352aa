// Two actors play ping-pong, five rounds. An actor is a greenlet with an inbox:
// it receives one message after the other.
//
//   $ build/release/examples/tutorial/33_actor_pingpong
//   start
//   ping
//   pong
//   ...
//   True None True GreenletExit()

#include <greenroom/greenroom.hpp>

#include <iostream>
#include <string>

using namespace greenroom;

constexpr int kRounds = 5;

class Ponger : public Actor {
  void receive(Message& message) override {
    std::cout << message.as<std::string>() << '\n';
    message.reply(std::string("pong"));
  }
};

class Pinger : public Actor {
 public:
  explicit Pinger(ActorRef ponger) : ponger_(ponger) {}

 private:
  void receive(Message& message) override {
    const auto& text = message.as<std::string>();
    std::cout << text << '\n';
    if (text == "pong" && ++rounds_ == kRounds) {
      ponger_.kill();
      stop();
      return;
    }
    ponger_.send(std::string("ping"));
  }

  const ActorRef ponger_;
  int rounds_ = 0;
};

// What gevent says of a greenlet that ended like this.
const char* text(const ExitReason& reason) {
  if (reason == ExitReason::Kind::stopped) return "True None";
  if (reason == ExitReason::Kind::killed) return "True GreenletExit()";
  return "False None";
}

int main() {
  const auto ponger = spawn<Ponger>();
  const auto pinger = spawn<Pinger>(ponger);
  auto pongers_end = ponger.ending();

  pinger.send(std::string("start"));
  std::cout << text(pinger.join()) << ' ' << text(pongers_end.get()) << '\n';
}
