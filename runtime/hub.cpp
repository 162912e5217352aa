#include "greenroom/runtime/hub.hpp"

#include <pthread.h>
#include <sys/single_threaded.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <stdexcept>

#include "greenroom/runtime/errors.hpp"
#include "greenroom/runtime/event_loop.hpp"
#include "greenroom/runtime/report.hpp"
#include "greenroom/runtime/sanitizer.hpp"
#include "greenroom/runtime/slab.hpp"
#include "greenroom/runtime/stack_overflow.hpp"

namespace greenroom {
namespace {

// After so many dispatches the door, the timers and I/O are looked at even if
// greenlets are always ready. (gevent looks after 50 callbacks.)
constexpr int kDispatchesPerPoll = 61;

// How long a hub that only another thread could wake sleeps before it makes
// sure that such a thread exists.
constexpr Duration kFirstQuietCheck = std::chrono::milliseconds(10);
constexpr Duration kLaterQuietChecks = std::chrono::seconds(1);

// Pooled stacks are trimmed at most this often, when the hub goes to sleep.
constexpr Duration kTrimInterval = std::chrono::seconds(1);

// See looked_for_post().
constexpr Duration kLookForPost = std::chrono::microseconds(50);
constexpr Duration kShortSleep = std::chrono::microseconds(200);

// When a hub ends it kills what is parked, waits for this long, and does so
// again; those who swallow every kill are abandoned.
constexpr int kUnwindRounds = 5;
constexpr Duration kUnwindPatience = std::chrono::seconds(1);

constexpr WaitReason kWaitsForQuiet{"everything to end"};

// The hub of a thread that did not make one itself.
thread_local std::unique_ptr<Hub> implicit_hub;

void pause_processor() noexcept {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

std::size_t threads_of_process() {
  std::size_t count = 0;
  std::error_code ignored;  // no /proc: assume that others can wake us
  for (auto it = std::filesystem::directory_iterator("/proc/self/task", ignored);
       it != std::filesystem::directory_iterator(); it.increment(ignored))
    ++count;
#if defined(GREENROOM_TSAN)
  --count;  // TSan's own
#endif
  return count;
}

}  // namespace

namespace detail {

// The thread that calls in is a greenlet, too: it runs on the thread's stack.
class MainGreenlet final : public Greenlet {
 public:
  MainGreenlet() { set_name("main"); }

 private:
  void run() override {}
};

}  // namespace detail

thread_local constinit Hub* Hub::current_hub = nullptr;

Hub& Hub::make_implicit() {
  implicit_hub.reset();
  implicit_hub = std::make_unique<Hub>();
  return *implicit_hub;
}

Hub::Hub(HubOptions options)
    : id_(current_hub == nullptr
              ? detail::Door::open()
              : throw std::logic_error(
                    "this thread has a hub already: " + current_hub->name())),
      name_(options.name.empty() ? "hub" + std::to_string(id_) : options.name),
      own_clock_(options.clock == nullptr ? std::make_unique<SteadyClock>()
                                          : nullptr),
      clock_(options.clock == nullptr ? *own_clock_ : *options.clock),
      door_(detail::Door::of(id_)),
      borrows_io_context_(options.io_context != nullptr),
      exception_state_(detail::exception_state()),
      until_poll_(kDispatchesPerPoll),
      stacks_(options.stack_size, options.stack_guard, &Hub::run_loop),
      loop_(std::make_unique<detail::EventLoop>(options.io_context,
                                                door_.bell())) {
  current_hub = this;
  detail::Slab::adopt(id_);
  install_fork_handlers();
  now_ = clock_.now();
  detail::adopt_thread_stack(thread_stack_);
  standing_on_ = &thread_stack_;
  main_ = GreenletPtr(new detail::MainGreenlet);
  main_->state_ = Greenlet::State::running;
  running_ = main_.get();
}

Hub::~Hub() {
  assert_here("~Hub");
  unwind_everything();
  door_.close();
  for (auto& callback : after_end_) callback();
  main_->state_ = Greenlet::State::dead;
  main_.reset();
  detail::Door::forget_tokens();
  detail::Slab::disown();
  loop_.reset();
  current_hub = nullptr;
}

Greenlet& Hub::main() const noexcept { return *main_; }

boost::asio::io_context& Hub::io_context() noexcept { return loop_->context(); }

// ---- giving way

void Hub::refuse_to_park() {
  throw BlockingSwitchOutError(
      "a callback of the hub must not wait; spawn a greenlet for that");
}

void Hub::idle() {
  assert_may_park();
  Greenlet& self = *running_;
  if (self.has_interrupt() && exception_state_.uncaught == 0)
    std::rethrow_exception(self.take_interrupt());
  stacks_.reserve();
  self.state_ = Greenlet::State::ready;
  idle_.push(self);
  park(self);
}

// ---- the loop

// What a pooled stack runs, for ever.
void Hub::run_loop(detail::Stack& stack) {
  Hub& hub = *current_hub;
  hub.stands_on(stack);
  for (;;) {
    Greenlet& next = hub.take_next();
    if (next.stack_ == nullptr) {
      hub.run_here(next);
      continue;
    }
    if (stack.has_canary) [[unlikely]]
      detail::StackPool::check_canary(stack, nullptr);
    hub.stacks_.give(stack);
    hub.stacks_.left(
        detail::switch_stacks(stack, *next.stack_, hub.exception_state_));
    hub.stands_on(stack);
  }
}

Greenlet& Hub::take_next() {
  for (;;) {
    if (--until_poll_ <= 0) {
      poll();
      until_poll_ = kDispatchesPerPoll;
    }
    Greenlet* next = ready_.front();
    if (next == nullptr) {
      wait_for_work();
      continue;
    }
    ready_.pop();
    ++taken_;
    return *next;
  }
}

void Hub::run_here(Greenlet& greenlet) noexcept {
  if (greenlet.special_ && !may_run_here(greenlet)) [[unlikely]]
    return;
  running_ = &greenlet;
  greenlet.state_ = Greenlet::State::running;
  greenlet.begun_ = true;
  greenlet.dispatch();
  running_ = nullptr;
  detail::reset_rounding();
}

// False: it was killed before it ran, or needs a larger stack and has run there.
bool Hub::may_run_here(Greenlet& greenlet) noexcept {
  if (greenlet.dead()) {
    intrusive_ptr_release(&greenlet);  // the queue's was left
    return false;
  }
  if (greenlet.stack_size() <= standing_on_->size) return true;
  detail::Stack* larger = nullptr;
  try {
    larger = &stacks_.take(greenlet.stack_size());
  } catch (const std::bad_alloc&) {
    greenlet.finish(std::current_exception());
    intrusive_ptr_release(&greenlet);
    return false;
  }
  // The loop goes on over there, and finds the greenlet first.
  --taken_;
  ready_.push_front(greenlet);
  detail::Stack& mine = *standing_on_;
  stacks_.give(mine);
  stacks_.left(detail::switch_stacks(mine, *larger, exception_state_));
  stands_on(mine);
  return false;
}

// Looks at everything that may make greenlets ready. True if there was any.
bool Hub::poll() noexcept {
  bool any = door_.let_in();
  if (!timers_.empty()) any |= timers_.fire_due(now());
  if (io_users_ != 0 || borrows_io_context_) any |= loop_->poll();
  return any;
}

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

// Something falls due. The limit of a wait for everything to end does not
// count: it is not what that wait waits for.
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
  const bool dormant =
      !has_timers() && io_users_ == 0 && !borrows_io_context_;
  // A question that may never be answered: look again later.
  if (dormant && !main_is_at_service()) {
    const bool first = quiet_since_ == TimePoint::max();
    if (first) quiet_since_ = now_;
    due = std::min(due, std::chrono::steady_clock::now() +
                            (first ? kFirstQuietCheck : kLaterQuietChecks));
  }
  if (looked_for_post(due) || !door_.fall_asleep(dormant)) return;
  const auto begin = std::chrono::steady_clock::now();
  loop_->sleep_until(due);
  const bool was_called = door_.awake();
  expects_post_ = was_called &&
                  std::chrono::steady_clock::now() - begin < kShortSleep;
}

// Two hubs in conversation would sleep and be woken for every message, which
// costs many times what the message does. So after a short sleep that a post
// ended, look for the next one before sleeping again; looking in vain ends it.
bool Hub::looked_for_post(TimePoint due) {
  if (!expects_post_ || due - now_ < kLookForPost) return false;
  const auto end = std::chrono::steady_clock::now() + kLookForPost;
  do {
    for (int i = 0; i < 16; ++i) {
      if (door_.let_in()) return true;
      pause_processor();
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
  // Another thread may be about to post. Believe in it for a while, then see.
  if (quiet_since_ == TimePoint::max()) return true;
  return threads_of_process() != detail::Door::open_doors() ||
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
    detail::abort_with("the main greenlet waits in a destructor, during "
                       "unwinding, where LoopExit cannot be thrown. " + who);
}

bool Hub::wait_until_quiet(Duration limit) {
  assert_may_park();
  if (running_ != main_.get())
    throw std::logic_error(
        "wait() without objects is for the main greenlet only");
  // The limit is a timer of its own, so that it can be told from what else is
  // due.
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

// ---- the end

void Hub::at_end(std::function<void()> callback) {
  at_end_.push_back(std::move(callback));
}

void Hub::after_end(std::function<void()> callback) {
  after_end_.push_back(std::move(callback));
}

void Hub::at_fork(std::function<void()> callback) {
  at_fork_.push_back(std::move(callback));
}

void Hub::unwind_everything() {
  for (auto& callback : std::exchange(at_end_, {})) callback();
  for (int round = 0; round < kUnwindRounds; ++round) {
    // Destructors may wait and spawn: look again until nobody is left.
    std::vector<GreenletPtr> victims;
    for (const Waiting& waiting : waiting_)
      victims.emplace_back(waiting.greenlet);
    for (const ReadyQueue* queue : {&ready_, &idle_})
      for (Greenlet* next = queue->front(); next != nullptr; next = next->next_)
        if (next->state_ != Greenlet::State::dead) victims.emplace_back(next);
    // What was sent to the main greenlet comes too late: it only ends.
    while (main_->has_interrupt()) main_->take_interrupt();
    if (victims.empty()) return idle();
    for (const GreenletPtr& victim : victims) victim->kill_soon();
    try {
      for (const GreenletPtr& victim : victims) victim->join(kUnwindPatience);
    } catch (...) {
      // It was sent meanwhile.
    }
  }
  std::fprintf(stderr, "greenroom: %s ends, and abandons these:\n%s",
               name_.c_str(), detail::describe_waits(*this).c_str());
}

void Hub::abort_wrong_thread(const char* call) const {
  detail::abort_with(std::string(call) + " called from " +
                     (current_hub == nullptr ? "a thread without a hub"
                                             : "the thread of " +
                                                   current_hub->name()) +
                     ", but the object belongs to " + name_ +
                     "; use Hub::post() to have the call made there");
}

// ---- fork

void Hub::install_fork_handlers() {
  static std::once_flag once;
  std::call_once(once, [] {
    pthread_atfork(&Hub::before_fork, &Hub::after_fork_in_parent,
                   &Hub::after_fork_in_child);
  });
}

void Hub::before_fork() {
  detail::Door::before_fork();
  if (current_hub != nullptr) current_hub->loop_->before_fork();
}

void Hub::after_fork_in_parent() {
  detail::Door::after_fork_in_parent();
  if (current_hub != nullptr) current_hub->loop_->after_fork_in_parent();
}

void Hub::after_fork_in_child() {
  detail::Door::after_fork_in_child(current_hub == nullptr ? kMaxHubs
                                                           : current_hub->id_);
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
  for (const ReadyQueue* queue : {&ready_, &idle_})
    for (Greenlet* lost = queue->front(); lost != nullptr; lost = lost->next_)
      lose(*lost);
  for (Waiting& waiting : waiting_) lose(*waiting.greenlet);
  ready_.clear();
  idle_.clear();
  waiting_.clear();
  // The limits of waits, and delays; the survivor has neither while it runs.
  timers_.stop_normal();
  quiet_limit_ = nullptr;
  alone_ = survivor != main_.get();
  for (auto& callback : at_fork_) callback();
}

}  // namespace greenroom
