// One side of a conversation between a program and its libraries: the messages
// that both know, and what each side gives the other.
#pragma once

#include <greenroom/greenroom.hpp>

#include <stdexcept>
#include <string>

struct Greeting {
  std::string text;
};
// Looks the same, and is another type.
struct Farewell {
  std::string text;
};
struct Refuse {};
struct Nap {};

struct Refused : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct Side {
  greenroom::ActorRef typed;    // a TypedActor of that side
  greenroom::ActorRef untyped;  // an Actor of that side
  void (*nap)();                // sleeps for an hour
  greenroom::Hub& (*hub)();
  greenroom::Local<std::string>* name;
  void (*set_name)(const std::string& name);  // in the current greenlet
  int (*talk_to)(const Side& other);          // how many checks failed
};

// All that a library shows to others.
extern "C" {
/// Makes the two actors.
[[gnu::visibility("default")]] void make_side(Side& side);
/// For those who do not know greenroom.
[[gnu::visibility("default")]] int talk_to_yourself();
}
