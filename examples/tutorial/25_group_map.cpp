// A call for each of several values: map() returns all results at once, imap()
// one after the other, imap_unordered() as they come.
//
//   $ build/release/examples/tutorial/25_group_map
//   Size of group 3
//   Hello from Greenlet 2
//   ...
//   Ordered
//   ('task', 0)
//   ('task', 1)
//   ('task', 2)
//   Unordered
//   ('task', 2)
//   ('task', 1)
//   ('task', 0)

#include <greenroom/greenroom.hpp>

#include <iostream>
#include <string>
#include <utility>
#include <vector>

using namespace greenroom;
using namespace std::chrono_literals;

std::pair<std::string, int> intensive(int n) {
  sleep((3 - n) * 1s);
  return {"task", n};
}

int main() {
  const std::vector three{0, 1, 2};

  Group group;
  group.map(
      [&](int) {
        std::cout << "Size of group " << group.size() << '\n'
                  << "Hello from Greenlet " << current().id() << '\n';
      },
      three);

  std::cout << "Ordered\n";
  Group ordered;
  for (const auto& [name, n] : ordered.imap(intensive, three))
    std::cout << "('" << name << "', " << n << ")\n";

  std::cout << "Unordered\n";
  Group unordered;
  for (const auto& [name, n] : unordered.imap_unordered(intensive, three))
    std::cout << "('" << name << "', " << n << ")\n";
}
