// What a call throws, in words, and an error for tests to throw.
#pragma once

#include <stdexcept>
#include <string>

namespace greenroom::test {

struct Oops : std::runtime_error {
  explicit Oops(const std::string& what = "oops") : std::runtime_error(what) {}
};

/// The text of the Error that f() throws, or "nothing".
template <class Error = Oops, class F>
std::string thrown_by(F f) {
  try {
    f();
    return "nothing";
  } catch (const Error& e) {
    return e.what();
  }
}

}  // namespace greenroom::test
