// What a hub does when nothing is ready: sleep, or find out that nobody can
// ever wake it.

#include "door.hpp"
#include "errors.hpp"
#include "event_loop.hpp"
#include "hub.hpp"
#include "processor.hpp"
#include "report.hpp"
#include "sanitizer.hpp"
#include "slab.hpp"
#include "worker_threads.hpp"

#include <sys/single_threaded.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>

namespace greenroom {
namespace {

// If only another thread could wake a hub, it sleeps this long before it checks
// that such a thread exists.
constexpr Duration kFirstQuietCheck = std::chrono::milliseconds(10);
constexpr Duration kLaterQuietChecks = std::chrono::seconds(1);

// Pooled stacks are trimmed at most this often, when the hub goes to sleep.
constexpr Duration kTrimInterval = std::chrono::seconds(1);

// See looked_for_post().
constexpr Duration kLookForPost = std::chrono::microseconds(50);
constexpr Duration kShortSleep = std::chrono::microseconds(200);

constexpr WaitReason kWaitsForQuiet{"everything to end"};

std::size_t threads_of_process() {
  std::size_t count = 0;
  std::error_code ignored;  // no /proc: assume that others can wake us
  for (auto it =
           std::filesystem::directory_iterator("/proc/self/task", ignored);
       it != std::filesystem::directory_iterator(); it.increment(ignored))
    ++count;
  return count;
}

// The threads of what runs the program: ThreadSanitizer has one of its own, and
// so has qemu-user. Those are there before the program makes its first.
#if defined(GREENROOM_TSAN)
constexpr std::size_t foreign_threads = 1;
#else
const std::size_t foreign_threads =
    __libc_single_threaded != 0
        ? std::max<std::size_t>(threads_of_process(), 1) - 1
        : 0;
#endif

// The threads of this process that may wake a hub by themselves.
std::size_t own_threads_of_process() {
  // Relaxed: see worker_threads.hpp.
  return threads_of_process() - foreign_threads -
         detail::worker_threads.load(std::memory_order_relaxed);
}

}  // namespace

void Hub::wait_for_work() {
  if (poll()) {
    quiet_since_ = TimePoint::max();
    return;
  }
  if (Greenlet* patient = idle_.front(); patient != nullptr) {
    idle_.pop();
    push_ready(*patient);
    return;
  }
  if (has_timers()) {
    const TimePoint due = timers_.next_deadline();
    if (clock_.skip_to(due))
      timers_.fire_due(now());
    else
      sleep(due);
    return;
  }
  if (others_may_wake()) {
    const bool is_first_look = quiet_since_ == TimePoint::max();
    if (quiet_limit_ == nullptr)
      sleep(TimePoint::max());
    else if (is_first_look || !clock_.skip_to(quiet_limit_->deadline()))
      sleep(quiet_limit_->deadline());
    return;
  }
  if (alone_) std::_Exit(std::fflush(nullptr) == 0 ? 0 : 1);
  announce_deadlock();
}

// True if a timer runs. The limit of wait_until_quiet() does not count: that
// wait does not wait for its own limit.
bool Hub::has_timers() const noexcept {
  return !timers_.empty() &&
         (quiet_limit_ == nullptr || !timers_.has_only(*quiet_limit_));
}

void Hub::sleep(TimePoint due) {
  if (auto* slab = detail::Slab::mine()) slab->send_home();
  if (now() - last_trim_ > kTrimInterval) {
    last_trim_ = now_;
    stacks_.trim();
  }
  const bool may_be_forgotten =
      !has_timers() && io_users_ == 0 && !borrows_io_context_;
  // Perhaps nothing will ever end this sleep: look again later.
  if (may_be_forgotten && !main_is_at_service()) {
    const bool first = quiet_since_ == TimePoint::max();
    if (first) quiet_since_ = now_;
    due = std::min(due, std::chrono::steady_clock::now() +
                            (first ? kFirstQuietCheck : kLaterQuietChecks));
  }
  // A signal may be on its way here although nothing shows it yet.
  const bool dormant = may_be_forgotten && io_listeners_ == 0;
  if (looked_for_post(due) || !door_.fall_asleep(dormant)) return;
  const auto begin = std::chrono::steady_clock::now();
  loop_->sleep_until(due);
  const bool was_called = door_.awake();
  expects_post_ =
      was_called && std::chrono::steady_clock::now() - begin < kShortSleep;
}

// Two hubs that talk to each other would sleep and be woken for every post,
// which costs many times what the post does. So after a short sleep that a post
// ended, the hub looks for the next post before it sleeps again. If none comes,
// it stops looking.
bool Hub::looked_for_post(TimePoint due) {
  if (!expects_post_ || due - now_ < kLookForPost) return false;
  const auto end = std::chrono::steady_clock::now() + kLookForPost;
  do {
    for (int i = 0; i < 16; ++i) {
      if (door_.let_in()) return true;
      detail::pause_processor();
    }
  } while (std::chrono::steady_clock::now() < end);
  expects_post_ = false;
  return false;
}

// Nothing is ready, and no timer runs: can anything still happen here?
bool Hub::others_may_wake() {
  if (io_users_ != 0 || borrows_io_context_) return true;
  if (main_is_at_service()) return true;
  if (__libc_single_threaded != 0) return false;
  // Another thread may be about to post. If that is likely, assume it for a
  // while, then check.
  if (quiet_since_ == TimePoint::max() &&
      (expects_post_ || detail::Door::open_doors() != 1))
    return true;
  return own_threads_of_process() != detail::Door::open_doors() ||
         !detail::Door::all_quiet(id_);
}

bool Hub::main_is_at_service() const noexcept {
  if (alone_) return false;
  const Waiting* waiting = main_->waiting();
  return waiting == nullptr || waiting->reason->is_service;
}

void Hub::announce_deadlock() {
  quiet_since_ = TimePoint::max();
  if (quiet_.notify_one()) return;
  const std::string who = detail::describe_deadlock(*this);
  main_->interrupt(std::make_exception_ptr(LoopExit(who)));
  if (ready_.front() == nullptr)
    detail::abort_with(
        "the main greenlet waits in a destructor, during "
        "unwinding, where LoopExit cannot be thrown. " +
        who);
}

bool Hub::wait_until_quiet(Duration limit) {
  assert_may_park();
  if (running_ != main_.get())
    throw std::logic_error(
        "wait() without objects is for the main greenlet only");
  // The limit is a timer of its own, so that has_timers() can tell it from the
  // others.
  struct Limit : detail::Timer {
    Limit(Hub& hub_waited_for, Waiter& its_waiter)
        : Timer([](Timer& timer) noexcept {
            auto& self = static_cast<Limit&>(timer);
            self.has_passed = true;
            self.waiter.notified();
          }),
          hub(hub_waited_for),
          waiter(its_waiter) {
      hub.quiet_limit_ = this;
    }
    ~Limit() { hub.quiet_limit_ = nullptr; }

    Hub& hub;
    Waiter& waiter;
    bool has_passed = false;
  };

  Waiter waiter(kWaitsForQuiet, this);
  quiet_.add(waiter);
  if (limit == forever) return waiter.park();
  Limit timer(*this, waiter);
  timer.start(timers_, deadline_after(now(), limit));
  waiter.park();
  return !timer.has_passed;
}

}  // namespace greenroom
