#include "timer.hpp"

namespace greenroom::detail {

void Timer::start(TimerQueue& queue, TimePoint deadline) noexcept {
  deadline_ = deadline;
  queue_ = &queue;
  // Most new deadlines are later than all others: the hint makes that O(1), and
  // keeps equal deadlines in the order of starting.
  queue.timers_.insert(queue.timers_.end(), *this);
}

void Timer::unlink() noexcept {
  auto& timers = is_due_ ? queue_->due_ : queue_->timers_;
  timers.erase(timers.iterator_to(*this));
  queue_ = nullptr;
  is_due_ = false;
}

bool TimerQueue::fire_due(TimePoint now) noexcept {
  bool any = false;
  while (!timers_.empty() && timers_.begin()->deadline_ <= now) {
    any = true;
    Timer& timer = *timers_.begin();
    if (timer.priority_ == Timer::Priority::normal) {
      timer.stop();
      timer.callback_(timer);
      continue;
    }
    timers_.erase(timers_.begin());
    due_.insert(due_.end(), timer);
    timer.is_due_ = true;
  }
  while (!due_.empty()) {
    Timer& timer = *due_.begin();
    timer.stop();
    timer.callback_(timer);
  }
  return any;
}

void TimerQueue::stop_normal() noexcept {
  for (auto next = timers_.begin(); next != timers_.end();) {
    Timer& timer = *next++;
    if (timer.priority_ == Timer::Priority::normal) timer.stop();
  }
}

}  // namespace greenroom::detail
