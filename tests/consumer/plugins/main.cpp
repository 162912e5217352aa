// A program, a library that it links and one that it loads: each talks to the
// others.

#include "talk.hpp"

#include <dlfcn.h>

#include <iostream>

int main() {
  void* const library = dlopen(LOADED, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    std::cerr << dlerror() << '\n';
    return 1;
  }
  using MakeSide = void (*)(Side&);
  const MakeSide make_mine = [](Side& side) { side = my_side(); };
  const auto make_loaded =
      reinterpret_cast<MakeSide>(dlsym(library, "make_side"));

  int talks = 0;
  int failures = 0;
  for (const MakeSide make_one : {make_mine, &make_side, make_loaded}) {
    for (const MakeSide make_other : {make_mine, &make_side, make_loaded}) {
      if (make_one == make_other) continue;
      Side one, other;
      make_one(one);
      make_other(other);
      failures += one.talk_to(other);
      ++talks;
    }
  }
  std::cout << talks << " talks, " << failures << " failures\n";
  return failures == 0 ? 0 : 1;
}
