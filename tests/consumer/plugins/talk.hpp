// What each side does: two actors, and a talk to those of the other side.
#pragma once

#include "side.hpp"

#include <chrono>
#include <cstddef>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

namespace {

using namespace std::chrono_literals;
using namespace greenroom;

// Each side has its own: these are different types, whatever they are called.
struct Secret {};

class Typed : public TypedActor<Typed, Farewell, Greeting, Refuse> {
 public:
  static std::string on(const Greeting& greeting) {
    return "hello " + greeting.text;
  }
  static std::size_t on(Farewell farewell) { return farewell.text.size(); }
  static void on(Refuse) { throw Refused("not today"); }
};

class Untyped : public Actor {
  void receive(Message& message) override {
    const bool known =
        message.match([](Secret) { return true; },  //
                      [](Nap) { sleep(1h); },
                      [](Farewell&& farewell) { return farewell.text.size(); },
                      [this](const Greeting& greeting) {
                        heard_ += greeting.text;
                        return heard_;
                      });
    if (!known) message.reply(false);
  }

  std::string heard_;
};

template <class Error, class Call>
std::optional<Error> thrown_by(Call call) {
  try {
    call();
  } catch (const Error& error) {
    return error;
  }
  return std::nullopt;
}

Local<std::string> name;
int failed = 0;

void check(bool holds, const char* what) {
  if (holds) return;
  std::cerr << "not so: " << what << '\n';
  ++failed;
}

int talk_to(const Side& other);
bool is_me(const Side& other) { return other.talk_to == &talk_to; }

void talk_of_messages(const Side& other) {
  check(other.typed.ask<std::string>(Greeting{"Ann"}).get() == "hello Ann",
        "a TypedActor answers");
  check(other.typed.ask<std::size_t>(Farewell{"Ann"}).get() == 3,
        "a TypedActor tells messages apart");
  other.untyped.send(Greeting{"one "});
  broadcast(std::vector{other.untyped}, Greeting{"two "});
  check(other.untyped.ask<std::string>(Greeting{"three"}).get() ==
            "one two three",
        "a match finds the handler");
  check(other.untyped.ask<std::size_t>(Farewell{"Ann"}).get() == 3,
        "a match tells messages apart");
  check(other.untyped.ask<bool>(Secret{}).get() == is_me(other),
        "a type of an unnamed namespace is its library's own");
}

void talk_of_errors(const Side& other) {
  check(thrown_by<BadReply>([&] {
          other.typed.ask<int>(Greeting{"Ann"}).get();
        }).has_value(),
        "an answer of another type is no answer");
  const auto refused =
      thrown_by<Refused>([&] { other.typed.ask<void>(Refuse{}).get(); });
  check(refused && refused->what() == std::string("not today"),
        "an asker catches what the handler throws");
  check(thrown_by<ActorUnreachable>([&] {
          other.typed.ask<std::string>(Greeting{"Ann"}).get();
        }).has_value(),
        "an actor that has failed does not answer");

  check(thrown_by<TimeoutError>([&] {
          other.untyped.ask<void>(Nap{}).get(1ms);
        }).has_value(),
        "a wait for an answer ends");
  auto end = other.untyped.ending();
  other.untyped.kill();
  check(end.get() == ExitReason::Kind::killed, "an actor is killed");
}

void talk_of_greenlets(const Side& other) {
  check(&other.hub() == &Hub::current(), "there is one hub");
  Timeout soon = Timeout::start_new(1ms);
  const auto up = thrown_by<TimeoutError>(other.nap);
  check(up && up->is(soon), "a Timeout ends a wait");
  auto napping = spawn(other.nap);
  sleep();
  check(napping->kill(), "a kill ends a wait");
  check(thrown_by<GreenletExit>([&] { napping->get(); }).has_value(),
        "a kill is a GreenletExit");
  other.set_name("Ann");
  check(other.name->get() == "Ann", "a Local is the same for both");
  check((name.find() != nullptr) == is_me(other), "a Local is one side's own");
}

int talk_to(const Side& other) {
  failed = 0;
  // In a greenlet of its own, with Locals of its own.
  spawn([&] {
    talk_of_messages(other);
    talk_of_errors(other);
    talk_of_greenlets(other);
  })->get();
  return failed;
}

Side my_side() {
  return {.typed = spawn<Typed>(),
          .untyped = spawn<Untyped>(),
          .nap = [] { sleep(1h); },
          .hub = []() -> Hub& { return Hub::current(); },
          .name = &name,
          .set_name = [](const std::string& value) { *name = value; },
          .talk_to = &talk_to};
}

}  // namespace
