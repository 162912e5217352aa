// A semaphore lets two in at a time: acquired by hand, or by a scoped lock.
//
//   $ build/release/examples/tutorial/28_bounded_semaphore
//   Worker 0 acquired semaphore
//   Worker 1 acquired semaphore
//   Worker 0 released semaphore
//   Worker 1 released semaphore
//   Worker 3 acquired semaphore
//   Worker 4 acquired semaphore
//   Worker 3 released semaphore
//   ...

#include <greenroom/greenroom.hpp>

#include <iostream>
#include <mutex>
#include <vector>

using namespace greenroom;

void worker1(BoundedSemaphore& semaphore, int n) {
  semaphore.acquire();
  std::cout << "Worker " << n << " acquired semaphore\n";
  sleep();
  semaphore.release();
  std::cout << "Worker " << n << " released semaphore\n";
}

void worker2(BoundedSemaphore& semaphore, int n) {
  const std::scoped_lock lock(semaphore);
  std::cout << "Worker " << n << " acquired semaphore\n";
  sleep();
  std::cout << "Worker " << n << " released semaphore\n";
}

int main() {
  BoundedSemaphore semaphore(2);
  Pool pool;
  pool.map([&](int n) { worker1(semaphore, n); }, std::vector{0, 1});
  pool.map([&](int n) { worker2(semaphore, n); }, std::vector{3, 4, 5});
}
