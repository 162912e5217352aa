// How a greenlet waits: it puts a node into the list of what it waits for,
// parks, and is made ready by whoever takes the node out.
//
// This is what Event, AsyncResult, join and all the others are made of.
//
// Thread rule: owning hub only.
// Order: a list is notified oldest first.
#pragma once

#include "clock.hpp"
#include "export.hpp"
#include "timer.hpp"

#include <boost/intrusive/list.hpp>

#include <cstdint>
#include <string>

namespace greenroom {

class Greenlet;
class Hub;
namespace detail {
class Roster;
}

/// What a greenlet waits for, in words: "event", "sleep", "reply".
struct WaitReason {
  /// What for, as reports say it.
  const char* what;
  /// True: it is normal that this wait does not end, as that of a server. While
  /// the main greenlet waits so, the program is at rest, not in a deadlock.
  bool is_service = false;
  /// More about the object, for reports: "held by Greenlet-3".
  std::string (*details)(const void* object) = nullptr;
};

/// Wants to know when something happens.
class GREENROOM_API WaitNode
    : public boost::intrusive::list_base_hook<
          boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
 public:
  WaitNode() = default;
  WaitNode(const WaitNode&) = delete;
  WaitNode& operator=(const WaitNode&) = delete;

  /// Called when it has happened. The node has left its list, and this call may
  /// destroy it. Must not park, and must not run user code.
  virtual void notified() noexcept = 0;

 protected:
  ~WaitNode() = default;
};

/// Those who wait for one thing, oldest first.
class WaitList {
 public:
  /// Puts `node` at the end. It must be in no list.
  void add(WaitNode& node) noexcept { nodes_.push_back(node); }
  /// True: nobody waits.
  [[nodiscard]] bool empty() const noexcept { return nodes_.empty(); }
  /// Counts those who wait, one by one.
  [[nodiscard]] std::size_t size() const noexcept { return nodes_.size(); }

  /// Notifies the one who has waited longest. False if nobody does.
  bool notify_one() noexcept {
    if (nodes_.empty()) return false;
    WaitNode& node = nodes_.front();
    nodes_.pop_front();
    node.notified();
    return true;
  }

  /// The first node for which `holds(node)` is true; null if there is none.
  template <class Predicate>
  [[nodiscard]] WaitNode* find(Predicate holds) noexcept {
    for (WaitNode& node : nodes_)
      if (holds(node)) return &node;
    return nullptr;
  }

  /// Notifies those who wait now.
  void notify_all() noexcept {
    while (notify_one()) {
    }
  }

 private:
  boost::intrusive::list<WaitNode, boost::intrusive::constant_time_size<false>>
      nodes_;
};

/// What can be waited for together with others, by wait() and iwait():
/// greenlets, events, results, semaphores.
class GREENROOM_API Waitable {
 public:
  /// True: a wait for it would return at once.
  [[nodiscard]] virtual bool ready() const noexcept = 0;

 protected:
  Waitable() = default;
  Waitable(const Waitable&) = default;
  Waitable& operator=(const Waitable&) = default;
  ~Waitable() = default;

 private:
  friend class MultiWait;
  friend class detail::Roster;
  virtual WaitList& wait_list() noexcept = 0;
};

/// The record of a parked greenlet, on its own stack: who, for what, since
/// when. LoopExit, timeouts and diagnostics read it.
struct Waiting
    : public boost::intrusive::list_base_hook<
          boost::intrusive::link_mode<boost::intrusive::normal_link>> {
  Greenlet* greenlet = nullptr;        ///< who waits
  const WaitReason* reason = nullptr;  ///< what for, in words
  const void* object = nullptr;        ///< what for, to tell it from others
  TimePoint since{};  ///< the hub's time at its last look at the clock
  /// Do not throw into it: an exception unwinds the greenlet.
  bool is_shielded = false;
};

/// One wait of the current greenlet. When the greenlet is killed, or `limit`
/// has passed, the waiter leaves its list at once, before the greenlet runs: a
/// list holds only those who can still be woken. So whoever keeps more about
/// each one that waits derives from this.
class GREENROOM_API Waiter : public WaitNode {
 public:
  /// `object`: what is waited for, to tell it from others in a report.
  /// Throws BlockingSwitchOutError in a callback of the hub. Defined with the
  /// hub, in hub.hpp.
  Waiter(const WaitReason& reason, const void* object);
  ~Waiter() = default;

  /// Parks until notified() (true) or until `limit` has passed (false).
  /// Kill and Timeout: throws what was sent, and the node has left its list.
  bool park(Duration limit) {
    return limit == forever ? park() : park_until(limit);
  }
  /// As park(forever).
  bool park();

  void notified() noexcept override;
  /// As notified(), and the greenlet goes on as soon as the current one parks,
  /// before all that are ready.
  void hand_over() noexcept;

  /// What is left of `limit`, which this wait had, after it was woken: not less
  /// than zero.
  [[nodiscard]] Duration left_of(Duration limit) const;

  /// Nobody has woken it yet.
  [[nodiscard]] bool is_waiting() const noexcept {
    return outcome_ == Outcome::none;
  }
  /// Who waits, for what, since when.
  [[nodiscard]] const Waiting& record() const noexcept { return record_; }
  /// Kill and Timeout leave this wait alone, and are thrown at the next one.
  void shield() noexcept { record_.is_shielded = true; }

 private:
  friend class Greenlet;
  enum class Outcome : std::uint8_t { none, notified, timed_out, interrupted };

  bool park_until(Duration limit);
  [[noreturn]] void interrupt();
  void wake(Outcome outcome) noexcept;
  bool end(Outcome outcome) noexcept;

  Waiting record_;
  Outcome outcome_ = Outcome::none;
};

}  // namespace greenroom
