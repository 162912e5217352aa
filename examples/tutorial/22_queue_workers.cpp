// A boss hands out work through a Queue, and three workers take it in turn.
//
//   $ build/release/examples/tutorial/22_queue_workers
//   Worker steve got task 1
//   Worker john got task 2
//   Worker nancy got task 3
//   Worker steve got task 4
//   ...
//   Quitting time!
//   Quitting time!
//   Quitting time!

#include <greenroom/greenroom.hpp>

#include <iostream>

using namespace greenroom;

void boss(Queue<int>& tasks) {
  for (int i = 1; i < 25; ++i) tasks.put_nowait(i);
}

void worker(Queue<int>& tasks, const char* name) {
  while (!tasks.empty()) {
    const int task = tasks.get();
    std::cout << "Worker " << name << " got task " << task << '\n';
    sleep();
  }
  std::cout << "Quitting time!\n";
}

int main() {
  Queue<int> tasks;
  spawn(boss, std::ref(tasks))->join();

  joinall({spawn(worker, std::ref(tasks), "steve"),
           spawn(worker, std::ref(tasks), "john"),
           spawn(worker, std::ref(tasks), "nancy")});
}
