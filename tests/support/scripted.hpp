// An actor that does what a test gives it as lambdas.
//
//   auto echo = spawn<Scripted>(Script{.receive = [](Message& m) {
//     m.reply(m.as<int>());
//   }});
//
// Thread rule: as Actor. A script without receive() takes every message and
// does nothing with it.
#pragma once

#include <greenroom/greenroom.hpp>

#include <functional>
#include <utility>

namespace greenroom::test {

struct Script {
  std::function<void(Message&)> receive{};
  std::function<void()> on_start{};
  std::function<void(const ExitReason&)> on_stop{};
};

class Scripted : public Actor {
 public:
  explicit Scripted(Script script) : script_(std::move(script)) {}
  Scripted(const InboxLimits& limits, Script script)
      : Actor(limits), script_(std::move(script)) {}

 private:
  void receive(Message& message) override {
    if (script_.receive) script_.receive(message);
  }
  void on_start() override {
    if (script_.on_start) script_.on_start();
  }
  void on_stop(const ExitReason& reason) override {
    if (script_.on_stop) script_.on_stop(reason);
  }

  Script script_;
};

}  // namespace greenroom::test
