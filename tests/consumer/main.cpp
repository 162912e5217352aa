// A stranger's program: it knows greenroom by its public header only.

#include <greenroom/greenroom.hpp>

int main() {
  auto answer = greenroom::spawn([] { return 42; });
  return answer->get() == 42 ? 0 : 1;
}
