// Timers of a hub: what is to be called when.
//
// Thread rule: owning hub only.
// Order: by deadline; equal deadlines in the order of starting. Of the timers
// that are due in one pass, those of priority `normal` fire first, then those
// of priority `after`. So a wait whose own time is up wins over a Timeout that
// falls due with it (gevent gives Timeout the loop priority -1).
#pragma once

#include "clock.hpp"
#include "export.hpp"

#include <boost/intrusive/set.hpp>

#include <cstdint>
#include <iterator>

namespace greenroom::detail {

class TimerQueue;

/// Calls a function at a deadline, unless destroyed or stopped before.
class GREENROOM_API Timer
    : public boost::intrusive::set_base_hook<
          boost::intrusive::optimize_size<true>,
          boost::intrusive::link_mode<boost::intrusive::normal_link>> {
 public:
  enum class Priority : std::uint8_t { normal, after };
  using Callback = void (*)(Timer&) noexcept;

  explicit Timer(Callback callback,
                 Priority priority = Priority::normal) noexcept
      : callback_(callback), priority_(priority) {}
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  ~Timer() { stop(); }

  /// The timer must not be running. The callback runs on the hub's stack: it
  /// must not park, and may destroy the timer.
  void start(TimerQueue& queue, TimePoint deadline) noexcept;
  void stop() noexcept {
    if (queue_ != nullptr) unlink();
  }

  [[nodiscard]] bool is_running() const noexcept { return queue_ != nullptr; }
  [[nodiscard]] TimePoint deadline() const noexcept { return deadline_; }

  friend bool operator<(const Timer& a, const Timer& b) noexcept {
    return a.deadline_ < b.deadline_;
  }

 private:
  friend class TimerQueue;

  void unlink() noexcept;

  TimePoint deadline_{};
  TimerQueue* queue_ = nullptr;
  Callback callback_;
  Priority priority_;
  bool is_due_ = false;  // taken out of the tree, waits in due_
};

class GREENROOM_API TimerQueue {
 public:
  /// Fires what is due at `now`. True if anything was.
  bool fire_due(TimePoint now) noexcept;
  /// Stops all timers of priority `normal`.
  void stop_normal() noexcept;

  [[nodiscard]] bool empty() const noexcept { return timers_.empty(); }
  /// The queue must not be empty.
  [[nodiscard]] TimePoint next_deadline() const noexcept {
    return timers_.begin()->deadline();
  }
  /// True if `timer` runs, and no other.
  [[nodiscard]] bool has_only(const Timer& timer) const noexcept {
    return !empty() && &*timers_.begin() == &timer &&
           std::next(timers_.begin()) == timers_.end();
  }

 private:
  friend class Timer;
  using Timers =
      boost::intrusive::multiset<Timer,
                                 boost::intrusive::constant_time_size<false>>;

  Timers timers_;
  Timers due_;  // of priority `after`, while fire_due() runs
};

}  // namespace greenroom::detail
