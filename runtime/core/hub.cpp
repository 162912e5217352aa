#include "hub.hpp"

#include "errors.hpp"
#include "event_loop.hpp"
#include "hub_list.hpp"
#include "report.hpp"
#include "slab.hpp"
#include "stack_overflow.hpp"

#include <cstdio>
#include <cstdlib>
#include <stdexcept>

namespace greenroom {
namespace {

// After so many dispatches the door, the timers and I/O are looked at even if
// greenlets are always ready. (gevent looks after 50 callbacks.)
constexpr int kDispatchesPerPoll = 61;

// When a hub ends, it kills what is parked and waits this long, so many times.
// Greenlets that swallow every kill are abandoned.
constexpr int kUnwindRounds = 5;
constexpr Duration kUnwindPatience = std::chrono::seconds(1);

// std::exit() in a greenlet, or in a callback, ends the thread on one of the
// hub's own stacks: then the hub stays as it is, and nothing is unwound.
struct EndHub {
  void operator()(Hub* hub) const noexcept {
    if (hub->running() == &hub->main()) delete hub;
  }
};

// The hub of a thread that did not make one itself.
thread_local std::unique_ptr<Hub, EndHub> implicit_hub;

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
  implicit_hub.reset(new Hub);
  return *implicit_hub;
}

Hub::Hub(HubOptions options)
    : id_(current_hub == nullptr
              ? detail::Door::open()
              : throw std::logic_error("this thread has a hub already: " +
                                       current_hub->name())),
      name_(options.name.empty() ? "hub" + std::to_string(id_) : options.name),
      own_clock_(options.clock == nullptr ? std::make_unique<SteadyClock>()
                                          : nullptr),
      clock_(options.clock == nullptr ? *own_clock_ : *options.clock),
      door_(detail::Door::of(id_)),
      borrows_io_context_(options.io_context != nullptr),
      handle_error_(std::move(options.handle_error)),
      exception_state_(detail::exception_state()),
      thread_(pthread_self()),
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
  detail::HubList::add(*this);
}

Hub::~Hub() {
  assert_here("~Hub");
  unwind_everything();
  detail::HubList::remove(*this);
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

// ---- telling

void Hub::report(const std::string& who,
                 const std::exception_ptr& what) noexcept {
  if (handle_error_ == nullptr) {
    detail::print_report(who, what);
    return;
  }
  // A failure may be found where nothing may wait, so handle_error must not.
  Greenlet* const reporter = std::exchange(running_, nullptr);
  try {
    handle_error_(who, what);
  } catch (...) {
    detail::print_report(who, what);
    detail::print_report("handle_error of " + name_, std::current_exception());
  }
  running_ = reporter;
}

SpawnCallback Hub::add_spawn_callback(Greenlet::Callback callback) {
  const SpawnCallback token{++last_spawn_callback_};
  spawn_callbacks_.emplace_back(token, std::move(callback));
  return token;
}

void Hub::remove_spawn_callback(SpawnCallback token) noexcept {
  std::erase_if(spawn_callbacks_,
                [token](const auto& entry) { return entry.first == token; });
}

void Hub::tell_of_spawn(Greenlet& greenlet) noexcept {
  // Some greenlets are started where nothing may wait, so callbacks must not.
  Greenlet* const spawner = std::exchange(running_, nullptr);
  // A callback may add and remove callbacks.
  const auto callbacks = spawn_callbacks_;
  for (const auto& entry : callbacks) {
    try {
      entry.second(greenlet);
    } catch (...) {
      detail::report_current_exception("a spawn callback of " + name_);
    }
  }
  running_ = spawner;
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
    if (--until_poll_ <= 0) until_poll_ = look_around();
    Greenlet* next = ready_.front();
    if (next == nullptr) {
      wait_for_work();
      continue;
    }
    pop_ready();
    return *next;
  }
}

// Polls, and returns after how many dispatches to call it again. While somebody
// watches dispatches, it is called before each, but polls no more often.
int Hub::look_around() noexcept {
  if (dispatch_watchers_.empty()) [[likely]] {
    poll();
    return kDispatchesPerPoll;
  }
  // Notify each once: they put themselves back into the list.
  for (auto n = dispatch_watchers_.size(); n > 0; --n)
    dispatch_watchers_.notify_one();
  if (--until_watched_poll_ <= 0) {
    poll();
    until_watched_poll_ = kDispatchesPerPoll;
  }
  return 1;
}

void Hub::watch_dispatches(WaitNode& node) noexcept {
  if (dispatch_watchers_.empty() && until_poll_ > 1) {
    until_watched_poll_ = until_poll_;
    until_poll_ = 1;
  }
  dispatch_watchers_.add(node);
}

void Hub::run_here(Greenlet& greenlet) noexcept {
  if (greenlet.check_before_dispatch_ && !may_run_here(greenlet)) [[unlikely]]
    return;
  running_ = &greenlet;
  greenlet.state_ = Greenlet::State::running;
  greenlet.begun_ = true;
  greenlet.dispatch();
  running_ = nullptr;
  detail::reset_rounding();
}

// False: it was killed before it ran, or needs a larger stack and has run
// there.
bool Hub::may_run_here(Greenlet& greenlet) noexcept {
  if (greenlet.dead()) {
    intrusive_ptr_release(&greenlet);  // the queue's reference
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
  // The loop goes on on the larger stack, and finds the greenlet first.
  taken_.store(taken() - 1, std::memory_order_relaxed);
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
  door_.answer_call();
  if (!timers_.empty()) any |= timers_.fire_due(now());
  if (io_users_ + io_listeners_ != 0 || borrows_io_context_)
    any |= loop_->poll();
  return any;
}

// ---- for reports and the watchdog

Hub::Pulse Hub::pulse() const noexcept {
  return {door_.is_asleep(), taken(), door_.wakes()};
}

void Hub::add_residents(std::function<void(const Visit&)> show) {
  residents_.push_back(std::move(show));
}

void Hub::for_each_living(const Visit& visit) const {
  visit(*main_);
  if (running_ != nullptr) visit(*running_);
  for (const auto* queue : {&ready_, &idle_})
    queue->for_each([&](const Greenlet& next) {
      if (!next.dead()) visit(next);
    });
  for (const Waiting& waiting : waiting_) visit(*waiting.greenlet);
  for (const auto& show : residents_) show(visit);
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
  main_->end_locals();
  for (int round = 0; round < kUnwindRounds; ++round) {
    // Destructors may wait and spawn: look again until nobody is left.
    std::vector<GreenletPtr> victims;
    for (const Waiting& waiting : waiting_)
      victims.emplace_back(waiting.greenlet);
    for (const auto* queue : {&ready_, &idle_})
      queue->for_each([&](Greenlet& next) {
        if (!next.dead()) victims.emplace_back(&next);
      });
    // An exception sent to the main greenlet comes too late: drop it.
    while (main_->has_interrupt()) main_->take_interrupt();
    if (victims.empty()) return idle();
    for (const GreenletPtr& victim : victims) victim->kill_soon();
    try {
      for (const GreenletPtr& victim : victims) victim->join(kUnwindPatience);
    } catch (...) {
      // Somebody sent it to the main greenlet meanwhile.
    }
  }
  std::fprintf(stderr, "greenroom: %s ends and abandons these greenlets:\n%s",
               name_.c_str(), detail::describe_waits(*this).c_str());
}

void Hub::abort_wrong_thread(const char* call) const {
  detail::abort_with(std::string(call) + " called from " +
                     (current_hub == nullptr
                          ? "a thread without a hub"
                          : "the thread of " + current_hub->name()) +
                     ", but the object belongs to " + name_ +
                     "; use Hub::post() to make the call there");
}

}  // namespace greenroom
