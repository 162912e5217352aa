// Tasks that take a moment, one after the other and then together. Those that
// take the same time end in the order in which they began.
//
//   $ build/release/examples/tutorial/04_task_random
//   Synchronous:
//   Task 1 done
//   ...
//   Task 9 done
//   Asynchronous:
//   Task 3 done
//   Task 7 done
//   ...

#include <greenroom/greenroom.hpp>

#include <iostream>
#include <random>
#include <vector>

using namespace greenroom;
using namespace std::chrono_literals;

// Some non-deterministic task.
void task(int id) {
  static std::mt19937 random(std::random_device{}());
  sleep(std::uniform_int_distribution(0, 2)(random) * 1ms);
  std::cout << "Task " << id << " done\n";
}

void synchronous() {
  for (int i = 1; i < 10; ++i) task(i);
}

void asynchronous() {
  std::vector<GreenletPtr> greenlets;
  for (int i = 0; i < 10; ++i) greenlets.push_back(spawn(task, i));
  joinall(greenlets);
}

int main() {
  std::cout << "Synchronous:\n";
  synchronous();
  std::cout << "Asynchronous:\n";
  asynchronous();
}
