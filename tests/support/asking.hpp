// A question, an actor that answers it, and what an ask throws, in words.
#pragma once

#include "scripted.hpp"

#include <greenroom/greenroom.hpp>

#include <exception>
#include <string>

namespace greenroom::test {

struct Question {
  int number;
};

inline Script answers_twice_the_number() {
  return {.receive = [](Message& m) {
    m.match([](const Question& q) { return 2 * q.number; });
  }};
}

/// What `call` throws, in words.
template <class Call>
std::string error_of(Call&& call) {
  try {
    call();
  } catch (const TimeoutError& e) {
    return std::string("TimeoutError: ") + e.what();
  } catch (const GreenletExit&) {
    return "GreenletExit";
  } catch (const ActorUnreachable& e) {
    return std::string("ActorUnreachable: ") + e.what();
  } catch (const BadReply& e) {
    return std::string("BadReply: ") + e.what();
  } catch (const std::exception& e) {
    return e.what();
  }
  return "nothing";
}

}  // namespace greenroom::test
