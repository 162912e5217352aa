// The same, but the second kind of worker speaks after it has let go.
//
//   $ build/release/examples/tutorial/28b_bounded_semaphore_outside
//   Worker 0 acquired semaphore
//   Worker 1 acquired semaphore
//   ...

#include <greenroom/greenroom.hpp>

#include <iostream>
#include <mutex>
#include <vector>

using namespace greenroom;

int main() {
  BoundedSemaphore semaphore(2);

  const auto worker1 = [&](int n) {
    semaphore.acquire();
    std::cout << "Worker " << n << " acquired semaphore\n";
    sleep();
    semaphore.release();
    std::cout << "Worker " << n << " released semaphore\n";
  };
  const auto worker2 = [&](int n) {
    {
      const std::scoped_lock lock(semaphore);
      std::cout << "Worker " << n << " acquired semaphore\n";
      sleep();
    }
    std::cout << "Worker " << n << " released semaphore\n";
  };

  Pool pool;
  pool.map(worker1, std::vector{0, 1});
  pool.map(worker2, std::vector{3, 4, 5});
}
