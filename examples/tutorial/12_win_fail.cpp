// What a handle says about its greenlet. What goes wrong in a greenlet stays
// there, until somebody asks for the result.
//
//   $ build/release/examples/tutorial/12_win_fail
//   True
//   True
//   You win!
//   None
//   True
//   True
//   True
//   False
//   You fail at failing.
//   get raised: Exception('You fail at failing.'), same object: True
//   False False

#include <greenroom/greenroom.hpp>

#include <iostream>
#include <stdexcept>
#include <string>

using namespace greenroom;

std::string win() { return "You win!"; }

std::string fail() { throw std::runtime_error("You fail at failing."); }

const char* text(bool yes) { return yes ? "True" : "False"; }

int main() {
  const auto winner = spawn(win);
  const auto loser = spawn(fail);
  std::cout << text(winner->started()) << '\n'
            << text(loser->started()) << '\n';

  joinall({winner, loser});  // does not throw what the greenlets threw

  std::cout << (winner->value() ? *winner->value() : "None") << '\n'
            << (loser->value() ? *loser->value() : "None") << '\n';
  std::cout << text(winner->ready()) << '\n' << text(loser->ready()) << '\n';
  std::cout << text(winner->successful()) << '\n'
            << text(loser->successful()) << '\n';

  const std::exception* failure = nullptr;
  try {
    std::rethrow_exception(loser->exception());
  } catch (const std::exception& e) {
    failure = &e;
    std::cout << e.what() << '\n';
  }

  // It is possible to throw it again, out here.
  try {
    loser->get();
  } catch (const std::exception& e) {
    std::cout << "get raised: Exception('" << e.what()
              << "'), same object: " << text(&e == failure) << '\n';
  }
  std::cout << text(winner->started()) << ' ' << text(loser->started()) << '\n';
}
