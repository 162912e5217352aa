// Nine tasks of half a second each take four and a half seconds one after the
// other; ten of them take half a second together.
//
//   $ build/release/examples/tutorial/05_task_sleep_half
//   Synchronous:
//   Task 1 done
//   ...
//   Task 9 done
//   Asynchronous:
//   Task 0 done
//   ...
//   Task 9 done

#include <greenroom/greenroom.hpp>

#include <iostream>
#include <vector>

using namespace greenroom;
using namespace std::chrono_literals;

void task(int id) {
  sleep(500ms);
  std::cout << "Task " << id << " done\n";
}

int main() {
  std::cout << "Synchronous:\n";
  for (int i = 1; i < 10; ++i) task(i);

  std::cout << "Asynchronous:\n";
  std::vector<GreenletPtr> greenlets;
  for (int i = 0; i < 10; ++i) greenlets.push_back(spawn(task, i));
  joinall(greenlets);
}
