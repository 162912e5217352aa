// The Hub runs greenlets: one hub per thread, one greenlet at a time.
//
// The loop follows the stack. There is no scheduler fiber: when the work on a
// stack is done, the loop goes on there with the next ready greenlet. If that
// holds no stack, it is called right there. If it parked on a stack of its own,
// the hub switches to that stack, and the one it stood on goes into the pool. A
// greenlet that parks keeps the stack it stands on. docs/architecture.md draws
// this.
//
// Thread rule: post(), id(), name(), pulse() and thread() are for any thread,
// all else for the owning hub.
// Order: ready greenlets first come, first served. In one pass: what was ready,
// then what came through the door, then timers, then I/O.
#pragma once

#include "clock.hpp"
#include "door.hpp"
#include "export.hpp"
#include "greenlet.hpp"
#include "local_table.hpp"
#include "per_hub.hpp"
#include "ready_queue.hpp"
#include "stack.hpp"
#include "stack_overflow.hpp"
#include "switch.hpp"
#include "timer.hpp"
#include "wait.hpp"

#include <boost/intrusive/list.hpp>

#include <pthread.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace boost::asio {
class io_context;
}

namespace greenroom {

namespace detail {
class EventLoop;
class MainGreenlet;
}  // namespace detail

/// How a hub is made.
struct HubOptions {
  /// For reports. Default: "hub<id>".
  std::string name{};
  /// The size of the stacks that greenlets run on: address space, of which only
  /// what is touched costs memory.
  std::size_t stack_size = std::size_t{256} * 1024;
  /// The best guard that may be used; what the system lacks is passed over.
  StackGuard stack_guard = StackGuard::guard_pages;
  /// Not owned; null: real time.
  Clock* clock = nullptr;
  /// Not owned; null: the hub has its own. A borrowed one is driven by the hub
  /// and by nobody else while the hub lives.
  boost::asio::io_context* io_context = nullptr;
  /// Called with each failure that nobody looks at: who failed, and with what.
  /// Must not wait. What it throws is printed. Default: prints to stderr.
  std::function<void(const std::string&, const std::exception_ptr&)>
      handle_error{};
};

/// Names a callback of Hub::add_spawn_callback().
enum class SpawnCallback : std::uint64_t {};

class GREENROOM_API Hub {
 public:
  /// The calling thread's hub. It is made on first use and ends with the thread
  /// (the main thread's at exit); then it unwinds what is still parked. After
  /// std::exit() in a greenlet nothing is unwound, on any stack.
  [[nodiscard]] static Hub& current() {
    return current_hub != nullptr ? *current_hub : make_implicit();
  }
  /// The calling thread's hub, or null if it has none.
  [[nodiscard]] static Hub* find() noexcept { return current_hub; }

  /// A hub for the calling thread that ends with this object. The caller
  /// becomes its main greenlet. Throws std::logic_error if the thread has a
  /// hub already.
  explicit Hub(HubOptions options = {});
  Hub(const Hub&) = delete;
  Hub& operator=(const Hub&) = delete;
  /// Kills everything that is parked and waits for it to unwind.
  ~Hub();

  /// Any thread: runs `call()` on the hub's thread. Calls that one thread posts
  /// run in the order of posting, outside of any greenlet. They must not park;
  /// what they throw is printed. False if the hub has ended; `call` is then not
  /// run. Posts that are still under way when the hub ends are not run either.
  template <class Call>
  bool post(Call&& call);

  /// Any thread: no other living hub of the process has this number.
  [[nodiscard]] HubId id() const noexcept { return id_; }
  /// Any thread: for reports.
  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  /// HubOptions::clock, or the hub's own.
  [[nodiscard]] Clock& clock() const noexcept { return clock_; }
  /// The time of the hub's clock, now.
  [[nodiscard]] TimePoint now() noexcept { return now_ = clock_.now(); }
  /// The time at the hub's last look at its clock: cheap, a little old.
  [[nodiscard]] TimePoint recent_now() const noexcept { return now_; }
  /// The event loop's: what Boost.Asio does for this hub begins here.
  [[nodiscard]] boost::asio::io_context& io_context() noexcept;

  /// The running greenlet. In a callback of the hub: null.
  [[nodiscard]] Greenlet* running() const noexcept { return running_; }
  /// The greenlet that is as old as the hub: it runs main(), or the function of
  /// a thread.
  [[nodiscard]] Greenlet& main() const noexcept;

  /// Calls `callback` for each greenlet, actors included, when the greenlet is
  /// started. The callback must not wait; what it throws is reported.
  SpawnCallback add_spawn_callback(Greenlet::Callback callback);
  /// Does nothing if it was removed before.
  void remove_spawn_callback(SpawnCallback token) noexcept;

  // The parts from which things to wait for are built.

  /// Gives a failure to HubOptions::handle_error.
  void report(const std::string& who, const std::exception_ptr& what) noexcept;
  /// Puts a greenlet that parked, or was not started, into the ready queue.
  void make_ready(Greenlet& greenlet) noexcept {
    greenlet.state_ = Greenlet::State::ready;
    push_ready(greenlet);
  }
  /// As make_ready(), but before all others: it runs when the current greenlet
  /// parks.
  void make_ready_next(Greenlet& greenlet) noexcept {
    greenlet.state_ = Greenlet::State::ready;
    --taken_;  // readied() does not count it, nor must taken()
    ready_.push_front(greenlet);
  }
  /// Gives way to everything that is ready now. What is sent to the current
  /// greenlet meanwhile is thrown when it next parks.
  void yield();
  /// Parks until nothing is ready.
  void idle();
  /// Parks the main greenlet until nothing is left to do, or `limit` passes.
  bool wait_until_quiet(Duration limit);
  /// What is to be called at which time.
  [[nodiscard]] detail::TimerQueue& timers() noexcept { return timers_; }
  /// Where the stacks of its greenlets come from.
  [[nodiscard]] detail::StackPool& stacks() noexcept { return stacks_; }
  /// The tables of the greenlets that have used a Local.
  [[nodiscard]] detail::LocalTables& local_tables() noexcept {
    return local_tables_;
  }
  /// While somebody waits for I/O, the hub looks for it, and never takes the
  /// silence for a deadlock.
  void add_io_user() noexcept { ++io_users_; }
  /// Takes one add_io_user() back.
  void remove_io_user() noexcept { --io_users_; }
  /// After fork() the child has no users. This number tells those from before
  /// the fork from its own: it counts the forks that led to this process.
  [[nodiscard]] std::uint32_t io_era() const noexcept { return io_era_; }
  /// While there are only listeners (for signals), the hub looks for I/O, but
  /// does not count on it to wake anybody.
  void add_io_listener() noexcept { ++io_listeners_; }
  /// Takes one add_io_listener() back.
  void remove_io_listener() noexcept { --io_listeners_; }
  /// How many greenlets were made ready. With taken(), this tells whether one
  /// that was made ready at some time has run.
  [[nodiscard]] std::uint64_t readied() const noexcept { return readied_; }
  /// Any thread: how many of those have been taken out of the queue.
  [[nodiscard]] std::uint64_t taken() const noexcept {
    return taken_.load(std::memory_order_relaxed);
  }
  /// A look at a hub: two equal ones say that it has neither slept nor gone on
  /// to another greenlet in between.
  struct Pulse {
    bool is_asleep;       ///< it waits for I/O, a timer or a post
    std::uint64_t taken;  ///< Hub::taken()
    std::uint64_t wakes;  ///< how often it was woken
    bool operator==(const Pulse&) const = default;
  };
  /// Any thread: takes such a look.
  [[nodiscard]] Pulse pulse() const noexcept;
  /// Any thread: the hub's thread, as long as the hub lives.
  [[nodiscard]] pthread_t thread() const noexcept { return thread_; }

  /// The greenlet whose turn is next; null if none is ready.
  [[nodiscard]] const Greenlet* next_ready() const noexcept {
    return ready_.front();
  }
  /// Notifies `node` before the hub goes on to the next greenlet, and when none
  /// is ready. It has then left the list: call this again to watch on.
  void watch_dispatches(WaitNode& node) noexcept;

  /// Called when the hub ends, before parked greenlets are killed; may park.
  void at_end(std::function<void()> callback);
  /// Called last, when nothing runs here any more; must not park.
  void after_end(std::function<void()> callback);
  /// Called in the child after fork(): it must forget everything but the
  /// calling greenlet.
  void at_fork(std::function<void()> callback);

  /// Makes hubs survive a fork(); every hub calls it. Call it before you
  /// install a fork handler that has to run after the hub's.
  static void install_fork_handlers();

  /// Is called with one greenlet after the other. Must not park.
  using Visit = std::function<void(const Greenlet&)>;
  /// For the layer above: `show` visits the greenlets that only that layer
  /// knows while they rest. It may visit others, too.
  void add_residents(std::function<void(const Visit&)> show);
  /// Visits all greenlets that were started and have not ended, in no special
  /// order, some of them more than once.
  void for_each_living(const Visit& visit) const;

  /// The parked greenlets, in the order in which they parked.
  template <class Visit>
  void for_each_waiting(Visit visit) const {
    for (const Waiting& waiting : waiting_) visit(waiting);
  }

  /// Aborts, naming both threads' hubs, if the calling thread has another hub
  /// or none.
  void assert_here(const char* call) const {
    if (current_hub != this) [[unlikely]]
      abort_wrong_thread(call);
  }
  /// Throws BlockingSwitchOutError if nothing may park here.
  void assert_may_park() const {
    if (running_ == nullptr) [[unlikely]]
      refuse_to_park();
  }

 private:
  friend class Greenlet;
  friend class Waiter;
  friend class detail::MainGreenlet;

  void push_ready(Greenlet& greenlet) noexcept {
    ++readied_;
    ready_.push(greenlet);
  }
  void pop_ready() noexcept {
    ready_.pop();
    // Relaxed, and not a read-modify-write: only this thread writes it.
    taken_.store(taken() + 1, std::memory_order_relaxed);
  }

  void spawned(Greenlet& greenlet) noexcept {
    if (!spawn_callbacks_.empty()) [[unlikely]]
      tell_of_spawn(greenlet);
  }
  void tell_of_spawn(Greenlet& greenlet) noexcept;

  static Hub& make_implicit();
  [[noreturn]] static void refuse_to_park();
  [[noreturn]] void abort_wrong_thread(const char* call) const;
  static void run_loop(detail::Stack& stack);
  void stands_on(detail::Stack& runner) noexcept {
    standing_on_ = &runner;
    running_ = nullptr;
  }
  Greenlet& take_next();
  int look_around() noexcept;
  void run_here(Greenlet& greenlet) noexcept;
  bool may_run_here(Greenlet& greenlet) noexcept;
  void park(Greenlet& self);
  void leave(detail::Stack& mine);
  void wait_for_work();
  bool poll() noexcept;
  void sleep(TimePoint due);
  bool looked_for_post(TimePoint due);
  bool others_may_wake();
  [[nodiscard]] bool has_timers() const noexcept;
  [[nodiscard]] bool main_is_at_service() const noexcept;
  void announce_deadlock();
  void unwind_everything();
  void forget_all_but(Greenlet* survivor) noexcept;
  static void before_fork();
  static void after_fork_in_parent();
  static void after_fork_in_child();

  GREENROOM_NEAR static thread_local constinit Hub* current_hub;

  // const after construction
  const HubId id_;
  const std::string name_;
  const std::unique_ptr<Clock> own_clock_;
  Clock& clock_;
  detail::Door& door_;
  const bool borrows_io_context_;
  const decltype(HubOptions::handle_error) handle_error_;
  detail::ExceptionState& exception_state_;
  const pthread_t thread_;

  // written by the owning hub, read by any thread; relaxed: only compared with
  // what it was before
  std::atomic<std::uint64_t> taken_{0};

  // owning hub only
  detail::ReadyQueue ready_;
  detail::ReadyQueue idle_;
  Greenlet* running_ = nullptr;
  detail::Stack* standing_on_ = nullptr;
  int until_poll_ = 0;
  int until_watched_poll_ = 0;  // instead, while dispatches are watched
  std::uint64_t readied_ = 0;
  TimePoint now_{};
  detail::TimerQueue timers_;
  boost::intrusive::list<Waiting, boost::intrusive::constant_time_size<false>>
      waiting_;
  detail::LocalTables local_tables_;
  std::size_t io_users_ = 0;
  std::size_t io_listeners_ = 0;
  std::uint32_t io_era_ = 0;
  std::uint64_t last_greenlet_id_ = 0;
  WaitList quiet_;  // the main greenlet, in wait_until_quiet()
  const detail::Timer* quiet_limit_ = nullptr;  // of that wait
  bool expects_post_ = false;                   // see looked_for_post()
  bool alone_ = false;  // after fork(): the main greenlet is gone
  TimePoint last_trim_{};
  TimePoint quiet_since_ = TimePoint::max();
  std::vector<std::pair<SpawnCallback, Greenlet::Callback>> spawn_callbacks_;
  std::uint64_t last_spawn_callback_ = 0;
  std::vector<std::function<void()>> at_end_;
  std::vector<std::function<void()>> after_end_;
  std::vector<std::function<void()>> at_fork_;
  std::vector<std::function<void(const Visit&)>> residents_;
  WaitList dispatch_watchers_;
  detail::StackPool stacks_;
  detail::Stack thread_stack_;
  detail::StackOverflowReport overflow_report_;
  std::unique_ptr<detail::EventLoop> loop_;
  GreenletPtr main_;
};

namespace detail {

// A callable on its way through a door.
template <class Call>
class PostedCall final : public Posted {
 public:
  PostedCall(Hub& hub, Call call) : hub_(&hub), call_(std::move(call)) {}

  void arrive() noexcept override;

 private:
  Hub* hub_;
  Call call_;
};

/// Reports the exception being handled as a failure of `where`.
GREENROOM_API void report_current_exception(const std::string& where) noexcept;

template <class Call>
void PostedCall<Call>::arrive() noexcept {
  const std::unique_ptr<PostedCall> self(this);
  if (Hub::find() != hub_) return;  // the hub has ended
  try {
    call_();
  } catch (...) {
    report_current_exception("a call posted to " + hub_->name());
  }
}

}  // namespace detail

// Inline, for the reason that switch_stacks() gives.

[[gnu::always_inline]] inline void Hub::yield() {
  assert_may_park();
  Greenlet& self = *running_;
  if (self.has_interrupt() && exception_state_.uncaught == 0) [[unlikely]]
    self.throw_interrupt();
  stacks_.reserve();
  make_ready(self);
  park(self);
}

// Leaves `self`, which is parked or queued by now; returns when it runs again.
[[gnu::always_inline]] inline void Hub::park(Greenlet& self) {
  detail::Stack& mine = *standing_on_;
  self.stack_ = &mine;
  leave(mine);
  standing_on_ = &mine;
  running_ = &self;
  self.stack_ = nullptr;
  self.state_ = Greenlet::State::running;
}

// Goes on with whatever is next; returns when somebody switches back to `mine`.
[[gnu::always_inline]] inline void Hub::leave(detail::Stack& mine) {
  if (mine.has_canary) [[unlikely]]
    detail::StackPool::check_canary(mine, running_);
  detail::Stack* to = nullptr;
  Greenlet* next = ready_.front();
  if (next != nullptr && next->stack_ != nullptr && --until_poll_ > 0) {
    // The usual case: switch to it directly, without a runner in between.
    pop_ready();
    if (next->stack_ == &mine) return;
    to = next->stack_;
  } else {
    running_ = nullptr;
    to = &stacks_.take();
  }
  stacks_.left(detail::switch_stacks(mine, *to, exception_state_));
}

inline Waiter::Waiter(const WaitReason& reason, const void* object) {
  Hub& hub = Hub::current();
  hub.assert_may_park();
  record_.greenlet = hub.running();
  record_.reason = &reason;
  record_.object = object;
}

[[gnu::always_inline]] inline bool Waiter::park() {
  Greenlet& self = *record_.greenlet;
  Hub& hub = self.hub_;
  record_.is_shielded |= hub.exception_state_.uncaught != 0;
  if (self.has_interrupt() && !record_.is_shielded) [[unlikely]]
    interrupt();
  hub.stacks_.reserve();

  record_.since = hub.now_;
  self.waiter_ = this;
  self.state_ = Greenlet::State::parked;
  hub.waiting_.push_back(record_);
  hub.park(self);

  if (outcome_ == Outcome::interrupted) [[unlikely]]
    interrupt();
  return outcome_ == Outcome::notified;
}

template <class Call>
bool Hub::post(Call&& call) {
  using Parcel = detail::PostedCall<std::decay_t<Call>>;
  auto parcel = std::make_unique<Parcel>(*this, std::forward<Call>(call));
  if (!door_.post(*parcel)) return false;
  (void)parcel.release();  // it is on its way
  return true;
}

}  // namespace greenroom
