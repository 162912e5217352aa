// Two greenlets that switch to each other by hand.
//
//   $ build/release/examples/tutorial/43_greenlet_switch
//   12
//   56
//   34
//   78
//   gr1.dead False gr2.dead True

#include <greenroom/greenroom.hpp>

#include <iostream>

using namespace greenroom;

const char* text(bool yes) { return yes ? "True" : "False"; }

int main() {
  RawGreenletPtr gr1;
  RawGreenletPtr gr2;
  gr1 = make_raw([&] {
    std::cout << "12\n";
    gr2->switch_to();
    std::cout << "34\n";
    gr2->switch_to();
  });
  gr2 = make_raw([&] {
    std::cout << "56\n";
    gr1->switch_to();
    std::cout << "78\n";
  });

  // When gr2 has ended, its parent goes on, and that is main.
  gr1->switch_to();
  std::cout << "gr1.dead " << text(gr1->dead()) << " gr2.dead "
            << text(gr2->dead()) << '\n';
}
