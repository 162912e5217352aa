// A Queue with room for three: the boss waits until a worker has taken a task,
// and a worker that has waited a second for a task goes home.
//
//   $ build/release/examples/tutorial/23_queue_maxsize
//   Worker steve got task 1
//   ...
//   Worker bob got task 6
//   Assigned all work in iteration 1
//   ...
//   Worker steve got task 19
//   Quitting time!
//   Quitting time!
//   Quitting time!

#include <greenroom/greenroom.hpp>

#include <iostream>

using namespace greenroom;
using namespace std::chrono_literals;

void boss(Queue<int>& tasks) {
  for (int i = 1; i < 10; ++i) tasks.put(i);
  std::cout << "Assigned all work in iteration 1\n";

  for (int i = 10; i < 20; ++i) tasks.put(i);
  std::cout << "Assigned all work in iteration 2\n";
}

void worker(Queue<int>& tasks, const char* name) {
  try {
    while (true) {
      const int task = tasks.get(1s);
      std::cout << "Worker " << name << " got task " << task << '\n';
      sleep();
    }
  } catch (const Empty&) {
    std::cout << "Quitting time!\n";
  }
}

int main() {
  Queue<int> tasks(3);
  joinall({spawn(boss, std::ref(tasks)),
           spawn(worker, std::ref(tasks), "steve"),
           spawn(worker, std::ref(tasks), "john"),
           spawn(worker, std::ref(tasks), "bob")});
}
