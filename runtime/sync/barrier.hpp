// A Barrier holds greenlets up until a certain number of them have arrived,
// then lets all of them go on, and begins anew.
//
// Thread rule: owning hub only.
// Order: those it lets go run in the order of their arrival.
// Behaves as threading.Barrier under gevent (Python 3.11, threading.py).
#pragma once

#include "../core/clock.hpp"
#include "../core/export.hpp"
#include "../core/hub.hpp"
#include "../core/wait.hpp"

#include <boost/intrusive/list.hpp>

#include <cstddef>
#include <functional>
#include <stdexcept>

namespace greenroom {

/// The barrier was broken, or was reset while somebody waited.
class GREENROOM_API BrokenBarrierError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class GREENROOM_API Barrier {
 public:
  /// The last to arrive calls `action` before anybody goes on. Throws
  /// std::invalid_argument if `parties` is 0.
  explicit Barrier(std::size_t parties, std::function<void()> action = {});
  Barrier(const Barrier&) = delete;
  Barrier& operator=(const Barrier&) = delete;
  /// Nobody waits any more.
  ~Barrier() = default;

  /// Parks until all parties have arrived. Returns the number of this arrival,
  /// counted from 0. If `limit` passes first, breaks the barrier. Throws
  /// BrokenBarrierError if the barrier is broken, or breaks meanwhile. Throws
  /// what the action throws; that breaks the barrier, too.
  /// Kill: throws, and this arrival does not count.
  std::size_t wait(Duration limit = forever);

  /// Breaks it: those that wait, and those that come later, are thrown
  /// BrokenBarrierError.
  void abort();
  /// Makes it as new. Those that wait are thrown BrokenBarrierError.
  void reset();

  /// How many have to arrive.
  [[nodiscard]] std::size_t parties() const noexcept { return parties_; }
  /// How many have arrived and wait.
  [[nodiscard]] std::size_t waiting() const noexcept {
    return arrivals_.size();
  }
  /// True: wait() throws until reset() is called.
  [[nodiscard]] bool broken() const noexcept { return broken_; }

 private:
  // One greenlet that waits for the others.
  struct Arrival final : Waiter {
    explicit Arrival(const Barrier& barrier);
    std::size_t number = 0;
    bool is_sent_away = false;
  };

  void wait_outside(Duration limit);
  std::size_t complete();
  void send_away() noexcept;

  // const after construction
  Hub& hub_;
  const std::size_t parties_;
  const std::function<void()> action_;

  // owning hub only
  boost::intrusive::list<Arrival, boost::intrusive::base_hook<WaitNode>,
                         boost::intrusive::constant_time_size<false>>
      arrivals_;       // oldest first
  WaitList outside_;   // those that come while the action runs
  bool acts_ = false;  // the action runs
  bool broken_ = false;
};

}  // namespace greenroom
