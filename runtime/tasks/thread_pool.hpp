// A ThreadPool has threads of its own for calls that block a whole thread: the
// greenlet that asked waits, and the hub goes on.
//
//   ThreadPool pool{4};
//   std::string text = pool.apply(read_slow_disk, "file");
//
//   offload([] { return getaddrinfo(...); });  // on the hub's own pool
//
// The function runs on another thread, which has no hub: it must not use what
// belongs to the caller's hub. Function and arguments are copied, and destroyed
// over there.
//
// Thread rule: owning hub only, but apply() and offload() may also be called
// from within a call, on its thread.
// Order: calls begin in the order of asking.
// Behaves as gevent.threadpool.ThreadPool (gevent 26.5,
// src/gevent/threadpool.py).
#pragma once

#include "../core/clock.hpp"
#include "../core/export.hpp"
#include "../sync/async_result.hpp"
#include "group_mapping.hpp"
#include "imap.hpp"
#include "spawn.hpp"

#include <boost/smart_ptr/intrusive_ptr.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

namespace greenroom {

/// What spawn() returns. Any number of greenlets of the hub may wait for it; it
/// may also be dropped.
template <class T>
using AsyncResultPtr = std::shared_ptr<AsyncResult<T>>;

namespace detail {

class ThreadCrew;

// A call on its way to a thread and back.
class GREENROOM_API Errand {
 public:
  Errand() = default;
  Errand(const Errand&) = delete;
  Errand& operator=(const Errand&) = delete;
  virtual ~Errand() = default;

 protected:
  /// On the thread: makes the call, and keeps its outcome. Destroys the
  /// function.
  virtual void perform() noexcept = 0;
  /// On the hub, after perform(): hands over the outcome. Returns what the call
  /// threw, if only the result can tell.
  virtual std::exception_ptr deliver() noexcept = 0;
  /// On the hub: the call will not be made, or its outcome will not arrive.
  virtual void fail(const std::exception_ptr& why) noexcept = 0;
  /// On the hub: destroys the function, which was not called.
  virtual void drop_call() noexcept = 0;

 private:
  friend class ThreadCrew;
  enum class State : std::uint8_t { waits, begun, cancelled };

  // any thread; waits -> begun by the thread that makes the call, or waits ->
  // cancelled by the hub: the one that changes it owns the call
  std::atomic<State> state_{State::waits};

  // owning hub only
  std::shared_ptr<ThreadCrew> crew_;  // while it is out
  std::list<std::shared_ptr<Errand>>::iterator place_;
};

template <class T, class Call>
class ErrandOf : public Errand {
 public:
  explicit ErrandOf(Call&& call) : call_(std::move(call)) {}

 protected:
  Outcome<T>& outcome() noexcept { return outcome_; }

 private:
  void perform() noexcept final {
    outcome_.keep([this]() -> decltype(auto) { return (*std::move(call_))(); });
    call_.reset();
  }
  void drop_call() noexcept final { call_.reset(); }

  std::optional<Call> call_;
  Outcome<T> outcome_;
};

// An errand whose outcome becomes an AsyncResult.
template <class T, class Call>
class ResultErrand final : public ErrandOf<T, Call> {
 public:
  using ErrandOf<T, Call>::ErrandOf;

  AsyncResult<T> result;

 private:
  std::exception_ptr deliver() noexcept override {
    std::exception_ptr failure;
    try {
      if constexpr (std::is_void_v<T>)
        this->outcome().value(), result.set();
      else
        result.set(std::move(this->outcome().value()));
    } catch (...) {
      failure = std::current_exception();
      result.set_exception(failure);
    }
    this->outcome().clear();
    return failure;
  }
  void fail(const std::exception_ptr& why) noexcept override {
    result.set_exception(why);
  }
};

// An errand whose outcome is one result of a map.
template <class T, class Call>
class MapErrand final : public ErrandOf<T, Call> {
 public:
  MapErrand(ImapResults<T>& results, std::size_t index, Call&& call)
      : ErrandOf<T, Call>(std::move(call)), results_(&results), index_(index) {}

 private:
  // The results belong to the hub, so they are let go of here: the last handle
  // of this may go on a thread.
  std::exception_ptr deliver() noexcept override {
    std::exchange(results_, nullptr)->put(index_, std::move(this->outcome()));
    return nullptr;
  }
  void fail(const std::exception_ptr& why) noexcept override {
    std::exchange(results_, nullptr)->put(index_, Outcome<T>(why));
  }

  boost::intrusive_ptr<ImapResults<T>> results_;
  const std::size_t index_;
};

/// A function and its arguments, as one thing to call once.
template <class F, class... Args>
auto bind_call(F&& function, Args&&... args) {
  return [call = std::tuple<std::decay_t<F>, std::decay_t<Args>...>(
              std::forward<F>(function),
              std::forward<Args>(args)...)]() mutable -> decltype(auto) {
    return std::apply(
        [](auto&&... all) -> decltype(auto) {
          return std::invoke(std::forward<decltype(all)>(all)...);
        },
        std::move(call));
  };
}

/// The calling thread is one of a ThreadPool.
[[nodiscard]] GREENROOM_API bool on_worker_thread() noexcept;

}  // namespace detail

/// apply(), map() and imap(), on threads: group_mapping.hpp. Each call of a map
/// has a copy of the function.
class GREENROOM_API ThreadPool : public detail::GroupMapping<ThreadPool> {
 public:
  /// Belongs to the calling thread's hub. Threads are made as they are needed,
  /// at most `maxsize`; debuggers call them `name`-1, `name`-2.
  explicit ThreadPool(std::size_t maxsize, std::string name = "pool");
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;
  /// As kill_soon(). Blocks the hub's thread until the calls that have begun
  /// return; their results still arrive.
  ~ThreadPool();

  /// Has a thread call it. Parks while there is already one task more than
  /// maxsize(). The result is set, or fails with what the call threw, at one of
  /// the next turns after the call; one that stops waiting before that only
  /// does not hear of it. If nobody has kept the result of a call that failed,
  /// that is reported (HubOptions::handle_error). Throws PoolClosed, and
  /// std::system_error if no thread can be made.
  template <class F, class... Args>
  requires detail::Spawnable<F, Args...>
  auto spawn(F&& function, Args&&... args) {
    return spawn_call<detail::SpawnResult<F, Args...>>(detail::bind_call(
        std::forward<F>(function), std::forward<Args>(args)...));
  }

  /// Parks until no call is unfinished, and returns true; false if `limit`
  /// passes first.
  bool join(Duration limit = forever);
  /// Takes no more tasks; those that have not begun fail with GreenletExit.
  /// A thread cannot be killed, so this parks until those that have begun
  /// return, and returns true; false if `limit` passes first.
  bool kill(Duration limit = forever);
  /// As kill(), without waiting. Does not park.
  void kill_soon();

  /// Tasks that have not been answered yet, begun or not.
  [[nodiscard]] std::size_t unfinished() const noexcept;
  /// How many threads there are. They stay when they are idle.
  [[nodiscard]] std::size_t size() const noexcept;
  /// At most so many threads.
  [[nodiscard]] std::size_t maxsize() const noexcept;
  /// Makes or ends threads; those in a call end after it. Throws
  /// std::invalid_argument beyond maxsize().
  void set_size(std::size_t size);
  /// With 0, tasks wait until it is raised again.
  void set_maxsize(std::size_t maxsize);

 private:
  friend detail::GroupMapping<ThreadPool>;

  template <class T, class Call>
  AsyncResultPtr<T> spawn_call(Call call) {
    auto errand =
        std::make_shared<detail::ResultErrand<T, Call>>(std::move(call));
    submit(*crew_, errand);
    return {errand, &errand->result};
  }
  template <class F, class... Ranges>
  auto begin(ImapOptions options, detail::ImapOrder order, F&& function,
             Ranges&&... ranges);

  static void submit(detail::ThreadCrew& crew,
                     std::shared_ptr<detail::Errand> errand);
  [[nodiscard]] bool applies_here() const noexcept;

  const std::shared_ptr<detail::ThreadCrew> crew_;  // const after construction
};

template <class F, class... Ranges>
auto ThreadPool::begin(ImapOptions options, detail::ImapOrder order,
                       F&& function, Ranges&&... ranges) {
  using T = detail::MapResultOf<F, std::decay_t<Ranges>...>;
  using Item = detail::ItemOf<std::decay_t<Ranges>...>;
  using Results = detail::ImapResults<T>;
  boost::intrusive_ptr<Results> results(new Results(options.maxsize, order));
  auto start = [crew = crew_, results,
                shared = std::decay_t<F>(std::forward<F>(function))](
                   std::size_t index, Item&& item) {
    auto call = [own = shared,
                 item = std::move(item)]() mutable -> decltype(auto) {
      return std::apply(own, std::move(item));
    };
    submit(*crew, std::make_shared<detail::MapErrand<T, decltype(call)>>(
                      *results, index, std::move(call)));
    results->has_begun();
  };
  return detail::begin_imap<T>(std::move(results), std::move(start),
                               std::forward<Ranges>(ranges)...);
}

namespace detail {

/// The one that offload() uses; at most ten threads, as gevent's.
[[nodiscard]] GREENROOM_API ThreadPool& thread_pool_of_hub();

}  // namespace detail

/// Makes a call that blocks its thread on another thread, and parks until it
/// ends. Returns what it returned, or throws what it threw. In a call of a
/// ThreadPool: calls it right here.
/// Kill, Timeout: the greenlet waits no longer, the call runs to its end. If it
/// fails then, that is reported.
template <class F, class... Args>
auto offload(F&& function, Args&&... args) -> detail::SpawnResult<F, Args...> {
  if (detail::on_worker_thread())
    return std::invoke(std::forward<F>(function), std::forward<Args>(args)...);
  return detail::thread_pool_of_hub().apply(std::forward<F>(function),
                                            std::forward<Args>(args)...);
}

}  // namespace greenroom
