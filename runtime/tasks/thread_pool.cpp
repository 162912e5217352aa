#include "thread_pool.hpp"

#include "../core/errors.hpp"
#include "../core/hub.hpp"
#include "../core/worker_threads.hpp"
#include "places.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <pthread.h>

#include <algorithm>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <vector>

namespace greenroom {
namespace {

namespace asio = boost::asio;

constexpr WaitReason kWaitsForCalls{"the calls of a thread pool"};
constexpr std::size_t kThreadsOfHub = 10;

// The crew that the thread belongs to, and whether it is to leave.
thread_local constinit const void* works_for = nullptr;
thread_local constinit bool leaves = false;

std::exception_ptr exit_because(const char* why) {
  return std::make_exception_ptr(GreenletExit(why));
}

}  // namespace

namespace detail {

// The inside of a ThreadPool; lives until the last call is answered.
class ThreadCrew : public std::enable_shared_from_this<ThreadCrew> {
 public:
  ThreadCrew(std::size_t maxsize, std::string name)
      : hub_(Hub::current()),
        name_(std::move(name)),
        places_(maxsize + 1),
        maxsize_(maxsize),
        engine_(std::make_unique<Engine>()) {}

  void submit(std::shared_ptr<Errand> errand);
  bool join(Duration limit);
  void cancel_waiting() noexcept;
  void close() noexcept { places_.close(); }
  void set_size(std::size_t size);
  void set_maxsize(std::size_t maxsize);

  /// Ends the threads, after the calls they are making. Blocks.
  void end_threads() noexcept;
  /// Fails what is still out: nothing will arrive any more.
  void forget_errands(const std::exception_ptr& why) noexcept;
  /// In the child of a fork() the threads are gone, and what they used cannot
  /// be trusted.
  void lose_threads() noexcept;

  void assert_here(const char* call) const { hub_.assert_here(call); }
  [[nodiscard]] std::size_t unfinished() const noexcept { return out_.size(); }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] std::size_t maxsize() const noexcept { return maxsize_; }

 private:
  // What the threads share.
  struct Engine {
    asio::io_context context;
    asio::executor_work_guard<asio::io_context::executor_type> work =
        asio::make_work_guard(context);
    std::vector<std::thread> threads;  // owning hub only
  };

  void add_thread();
  void add_needed_threads();
  void send_away(std::size_t count);
  void has_left(std::thread::id id);
  void run(Engine& engine, const std::string& name) noexcept;
  void carry_out(std::shared_ptr<Errand> errand);
  void is_answered(Errand& errand) noexcept;

  // const after construction
  Hub& hub_;
  const std::string name_;

  // owning hub only
  Places places_;  // for one task more than threads
  std::size_t maxsize_;
  std::size_t size_ = 0;  // threads that were not sent away
  std::size_t last_number_ = 0;
  std::list<std::shared_ptr<Errand>> out_;  // oldest first
  WaitList until_idle_;
  std::unique_ptr<Engine> engine_;
};

namespace {

// All pools of a hub, for when it ends or its process forks.
struct PoolsOfHub {
  std::vector<std::weak_ptr<ThreadCrew>> crews;
  std::unique_ptr<ThreadPool> for_offload;

  template <class Do>
  void for_each(Do what) {
    for (const auto& weak : crews)
      if (const auto crew = weak.lock()) what(*crew);
  }
};

thread_local constinit PoolsOfHub* pools_of_hub = nullptr;

PoolsOfHub& pools_here() {
  if (pools_of_hub != nullptr) return *pools_of_hub;
  Hub& hub = Hub::current();
  hub.after_end([] {
    const std::unique_ptr<PoolsOfHub> pools(
        std::exchange(pools_of_hub, nullptr));
    pools->for_each([](ThreadCrew& crew) {
      crew.close();
      crew.cancel_waiting();
      crew.end_threads();
      crew.forget_errands(exit_because("its hub has ended"));
    });
  });
  hub.at_fork([] {
    if (pools_of_hub == nullptr) return;
    pools_of_hub->for_each([](ThreadCrew& crew) { crew.lose_threads(); });
  });
  return *(pools_of_hub = new PoolsOfHub);
}

}  // namespace

// ---- errands

void ThreadCrew::submit(std::shared_ptr<Errand> errand) {
  assert_here("ThreadPool::spawn");
  const auto guard = shared_from_this();
  (void)places_.take(forever);
  out_.push_back(errand);
  errand->place_ = std::prev(out_.end());
  errand->crew_ = guard;
  hub_.add_io_user();
  try {
    add_needed_threads();
  } catch (const std::system_error&) {
    // The threads that are there will come to it.
    if (size_ == 0) {
      is_answered(*errand);
      throw;
    }
  }
  asio::post(engine_->context, [this, errand = std::move(errand)]() mutable {
    carry_out(std::move(errand));
  });
}

// On a thread of the pool. Until the last line the errand keeps us alive.
void ThreadCrew::carry_out(std::shared_ptr<Errand> errand) {
  auto waits = Errand::State::waits;
  // Acquire and release: pairs with the same in cancel_waiting(). Only one of
  // them wins.
  if (!errand->state_.compare_exchange_strong(waits, Errand::State::begun,
                                              std::memory_order_acq_rel))
    return;
  errand->perform();
  // If the hub has ended, it does not wait for an answer.
  (void)hub_.post([this, errand = std::move(errand)] {
    if (errand->crew_ == nullptr) return;  // failed by fork() or the hub's end
    const auto guard = errand->crew_;
    const bool is_kept = errand.use_count() > 2;  // by others than us and out_
    const std::exception_ptr failure = errand->deliver();
    if (failure != nullptr && !is_kept) hub_.report(name_, failure);
    is_answered(*errand);
  });
}

void ThreadCrew::is_answered(Errand& errand) noexcept {
  hub_.remove_io_user();
  places_.give_back();
  const auto guard = std::move(errand.crew_);
  out_.erase(errand.place_);
  if (out_.empty()) until_idle_.notify_all();
}

void ThreadCrew::cancel_waiting() noexcept {
  const auto why = exit_because("its thread pool was killed");
  for (const auto& errand : std::vector(out_.begin(), out_.end())) {
    auto waits = Errand::State::waits;
    // Acquire and release: pairs with the same in carry_out().
    if (!errand->state_.compare_exchange_strong(waits, Errand::State::cancelled,
                                                std::memory_order_acq_rel))
      continue;
    errand->drop_call();
    errand->fail(why);
    is_answered(*errand);
  }
}

void ThreadCrew::forget_errands(const std::exception_ptr& why) noexcept {
  while (!out_.empty()) {
    const auto errand = out_.front();
    errand->fail(why);
    is_answered(*errand);
  }
}

bool ThreadCrew::join(Duration limit) {
  assert_here("ThreadPool::join");
  if (out_.empty()) return true;
  Waiter waiter(kWaitsForCalls, this);
  until_idle_.add(waiter);
  return waiter.park(limit);
}

// ---- threads

void ThreadCrew::add_needed_threads() {
  while (size_ < maxsize_ && size_ < out_.size()) add_thread();
}

void ThreadCrew::add_thread() {
  // Relaxed: see worker_threads.hpp.
  worker_threads.fetch_add(1, std::memory_order_relaxed);
  try {
    engine_->threads.emplace_back(
        [this, &engine = *engine_,
         name = name_ + "-" + std::to_string(last_number_ + 1)] {
          run(engine, name);
        });
  } catch (...) {
    worker_threads.fetch_sub(1, std::memory_order_relaxed);  // as above
    throw;
  }
  ++last_number_;
  ++size_;
}

void ThreadCrew::run(Engine& engine, const std::string& name) noexcept {
  pthread_setname_np(pthread_self(), name.substr(0, 15).c_str());
  works_for = this;
  is_worker_thread = true;
  while (!leaves && engine.context.run_one() != 0) {
  }
  // Relaxed: see worker_threads.hpp.
  if (is_worker_thread) worker_threads.fetch_sub(1, std::memory_order_relaxed);
}

void ThreadCrew::send_away(std::size_t count) {
  size_ -= count;
  while (count-- != 0)
    asio::post(engine_->context, [this, crew = weak_from_this()] {
      leaves = true;
      (void)hub_.post([crew, id = std::this_thread::get_id()] {
        if (const auto still_there = crew.lock()) still_there->has_left(id);
      });
    });
}

void ThreadCrew::has_left(std::thread::id id) {
  auto& threads = engine_->threads;
  const auto found =
      std::find_if(threads.begin(), threads.end(),
                   [id](const std::thread& t) { return t.get_id() == id; });
  if (found == threads.end()) return;
  found->join();  // it is at its end
  threads.erase(found);
}

void ThreadCrew::set_size(std::size_t size) {
  assert_here("ThreadPool::set_size");
  if (size > maxsize_)
    throw std::invalid_argument("a ThreadPool of at most " +
                                std::to_string(maxsize_) +
                                " threads cannot have " + std::to_string(size));
  if (size < size_) send_away(size_ - size);
  while (size_ < size) add_thread();
}

void ThreadCrew::set_maxsize(std::size_t maxsize) {
  assert_here("ThreadPool::set_maxsize");
  maxsize_ = maxsize;
  places_.set_capacity(maxsize + 1);
  if (size_ > maxsize_) send_away(size_ - maxsize_);
  add_needed_threads();
}

void ThreadCrew::end_threads() noexcept {
  engine_->work.reset();
  for (std::thread& thread : engine_->threads) thread.join();
  engine_->threads.clear();
  size_ = 0;
}

void ThreadCrew::lose_threads() noexcept {
  (void)engine_.release();
  engine_ = std::make_unique<Engine>();
  size_ = 0;
  forget_errands(exit_because("lost by fork()"));
}

bool on_worker_thread() noexcept { return works_for != nullptr; }

ThreadPool& thread_pool_of_hub() {
  auto& pool = pools_here().for_offload;
  if (pool == nullptr) {
    pool = std::make_unique<ThreadPool>(kThreadsOfHub,
                                        Hub::current().name() + " offload");
  }
  return *pool;
}

}  // namespace detail

ThreadPool::ThreadPool(std::size_t maxsize, std::string name)
    : crew_(std::make_shared<detail::ThreadCrew>(maxsize, std::move(name))) {
  auto& crews = detail::pools_here().crews;
  std::erase_if(crews, [](const auto& crew) { return crew.expired(); });
  crews.push_back(crew_);
}

ThreadPool::~ThreadPool() {
  // Does not assert that it is on its hub, which may have ended; all this is
  // done already then.
  crew_->close();
  crew_->cancel_waiting();
  crew_->end_threads();
}

void ThreadPool::submit(detail::ThreadCrew& crew,
                        std::shared_ptr<detail::Errand> errand) {
  crew.submit(std::move(errand));
}

bool ThreadPool::applies_here() const noexcept {
  return works_for == crew_.get();
}

bool ThreadPool::join(Duration limit) { return crew_->join(limit); }

bool ThreadPool::kill(Duration limit) {
  const auto crew = crew_;
  kill_soon();
  if (!crew->join(limit)) return false;
  crew->end_threads();  // they are idle
  return true;
}

void ThreadPool::kill_soon() {
  crew_->assert_here("ThreadPool::kill");
  crew_->close();
  crew_->cancel_waiting();
}

std::size_t ThreadPool::unfinished() const noexcept {
  return crew_->unfinished();
}
std::size_t ThreadPool::size() const noexcept { return crew_->size(); }
std::size_t ThreadPool::maxsize() const noexcept { return crew_->maxsize(); }

void ThreadPool::set_size(std::size_t size) { crew_->set_size(size); }
void ThreadPool::set_maxsize(std::size_t maxsize) {
  crew_->set_maxsize(maxsize);
}

}  // namespace greenroom
