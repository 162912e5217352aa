// fork(): the child has the calling greenlet, and nothing else of its hub.

#include "door.hpp"
#include "event_loop.hpp"
#include "hub.hpp"
#include "hub_list.hpp"
#include "worker_threads.hpp"

#include <pthread.h>

#include <mutex>

namespace greenroom {

void Hub::install_fork_handlers() {
  static std::once_flag once;
  std::call_once(once, [] {
    pthread_atfork(&Hub::before_fork, &Hub::after_fork_in_parent,
                   &Hub::after_fork_in_child);
  });
}

void Hub::before_fork() {
  detail::HubList::before_fork();
  detail::Door::before_fork();
  if (current_hub != nullptr) current_hub->loop_->before_fork();
}

void Hub::after_fork_in_parent() {
  detail::Door::after_fork_in_parent();
  detail::HubList::after_fork_in_parent();
  if (current_hub != nullptr) current_hub->loop_->after_fork_in_parent();
}

void Hub::after_fork_in_child() {
  // Relaxed: there is no other thread.
  detail::worker_threads.store(0, std::memory_order_relaxed);
  detail::is_worker_thread = false;
  detail::Door::after_fork_in_child(current_hub == nullptr ? kMaxHubs
                                                           : current_hub->id_);
  detail::HubList::after_fork_in_child(current_hub);
  if (current_hub == nullptr) return;
  Hub& hub = *current_hub;
  hub.loop_->after_fork_in_child(hub.door_.bell());
  hub.forget_all_but(hub.running_);
}

// The child has the calling greenlet only. The others are not unwound: what
// they hold belongs to the parent.
void Hub::forget_all_but(Greenlet* survivor) noexcept {
  const auto why = std::make_exception_ptr(GreenletExit("lost by fork()"));
  const auto lose = [&](Greenlet& greenlet) {
    greenlet.state_ = Greenlet::State::dead;
    greenlet.exited_ = true;
    greenlet.exception_ = why;
    if (greenlet.waiter_ != nullptr) greenlet.waiter_->unlink();
  };
  ready_.for_each(lose);
  idle_.for_each(lose);
  for (Waiting& waiting : waiting_) lose(*waiting.greenlet);
  ready_.clear();
  idle_.clear();
  waiting_.clear();
  // These are limits of waits, and delays. The survivor runs, so it has none.
  timers_.stop_normal();
  quiet_limit_ = nullptr;
  alone_ = survivor != main_.get();
  for (auto& callback : at_fork_) callback();
  io_users_ = 0;  // all users wait, and the survivor does not
  ++io_era_;
}

}  // namespace greenroom
