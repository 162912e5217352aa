// A JoinableQueue is a Queue whose items are tasks: it counts those that are
// not done yet, and lets greenlets wait until all are.
//
// Thread rule: owning hub only, as for Queue.
// Order: as Queue; those in join() wake in the order in which they came there.
// Behaves as gevent.queue.JoinableQueue (gevent 26.5, src/gevent/queue.py).
#pragma once

#include "queue.hpp"

#include <cstddef>
#include <stdexcept>

namespace greenroom {

/// Each item put is an unfinished task until somebody says task_done().
template <class T>
class JoinableQueue : public Queue<T> {
 public:
  using Queue<T>::Queue;

  /// The task of an item that was got is done; the last one wakes those in
  /// join().
  /// Does not park. Throws std::logic_error if there is no unfinished task.
  void task_done() {
    this->assert_here("JoinableQueue::task_done");
    if (unfinished_tasks() == 0)
      throw std::logic_error("task_done() called more often than put()");
    finish(1);
  }

  /// Parks until there is no unfinished task, and returns true; false if
  /// `limit` passes first.
  /// Once woken it returns, even if another item has been put meanwhile.
  bool join(Duration limit = forever) {
    this->assert_here("JoinableQueue::join");
    if (unfinished_tasks() == 0) return true;
    Waiter waiter(this->kWaitsForTasks, this);
    joiners_.add(waiter);
    return waiter.park(limit);
  }

  /// As Queue::clear(); the tasks of the dropped items count as done.
  std::size_t clear() {
    const std::size_t count = Queue<T>::clear();
    finish(count);
    return count;
  }

  /// How many items were put, less how many tasks are done.
  [[nodiscard]] std::size_t unfinished_tasks() const noexcept {
    return this->added() - finished_;
  }

 private:
  void finish(std::size_t tasks) noexcept {
    finished_ += tasks;
    if (unfinished_tasks() == 0) joiners_.notify_all();
  }

  // owning hub only
  std::size_t finished_ = 0;
  WaitList joiners_;
};

}  // namespace greenroom
