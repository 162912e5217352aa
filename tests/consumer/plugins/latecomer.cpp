// A program that knows nothing of greenroom, and loads a library that does.

#include <dlfcn.h>

#include <iostream>

int main() {
  void* const library = dlopen(LOADED, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    std::cerr << dlerror() << '\n';
    return 1;
  }
  const auto talk_to_yourself =
      reinterpret_cast<int (*)()>(dlsym(library, "talk_to_yourself"));
  return talk_to_yourself();
}
