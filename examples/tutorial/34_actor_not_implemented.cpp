// What happens to an actor without receive(), to a message for an actor that
// has ended, and to a program in which no greenlet can go on.
//
//   $ build/release/examples/tutorial/34_actor_not_implemented
//   Blank failed with NotImplementedError
//   letters for the dead: 1
//   LoopExit: this would wait for ever

#include <greenroom/greenroom.hpp>

#include <iostream>
#include <string>

using namespace greenroom;

class Blank : public Actor {};

int main() {
  const auto blank = spawn<Blank>();
  auto end = blank.ending();
  blank.send('x');
  try {
    std::rethrow_exception(end.get().what);
  } catch (const NotImplementedError&) {
    std::cout << "Blank failed with NotImplementedError\n";
  }

  blank.send('y');
  std::cout << "letters for the dead: " << PostOffice::here().dead_letters()
            << '\n';

  // Nobody will ever write to this one, nor stop it.
  try {
    spawn<Blank>().join();
  } catch (const LoopExit& e) {
    const std::string text = e.what();
    std::cout << "LoopExit: " << text.substr(0, text.find(':')) << '\n';
  }
}
