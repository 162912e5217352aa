// The one way into a hub from other threads.
//
// Each hub number has a door. It outlives the hub, so that one may still post
// to a hub that has ended. What one thread posts arrives in the order in which
// that thread posted it.
//
// Thread rule: of(), post(), post_quietly(), sweep(), call_everybody(),
// is_asleep() and wakes(): any thread. The rest: the thread of the hub that
// opened the door.
#pragma once

#include "export.hpp"
#include "per_hub.hpp"

#include <atomic>
#include <cstddef>
#include <memory>

namespace greenroom::detail {

/// Something that goes through a door. Posting hands over its ownership.
class GREENROOM_API Posted {
 public:
  Posted() = default;
  Posted(const Posted&) = delete;
  Posted& operator=(const Posted&) = delete;

  /// Called once: on the hub's thread, when the item has come through the door;
  /// or on any thread, if the hub has ended meanwhile (then Hub::current() is
  /// not the hub the item was for). Must not park. Disposes of *this.
  virtual void arrive() noexcept = 0;

 protected:
  ~Posted() = default;
};

class GREENROOM_API Door {
 public:
  /// The door of a hub number that was in use at least once.
  [[nodiscard]] static Door& of(HubId id) noexcept;

  /// Opens a door for a new hub on the calling thread and returns its number.
  /// Throws std::runtime_error when kMaxHubs hubs exist.
  static HubId open();

  /// An eventfd. Becomes readable when the hub sleeps and has to wake up.
  [[nodiscard]] int bell() const noexcept { return bell_; }

  /// Called around fork(). In the child only the door of `survivor` stays open;
  /// nothing is inside, and it has a bell of its own.
  static void before_fork() noexcept;
  static void after_fork_in_parent() noexcept;
  static void after_fork_in_child(std::size_t survivor);

  /// From now on post() refuses. Calls arrive() for items that are still
  /// inside.
  void close() noexcept;

  /// Puts `item` in and wakes the hub if it sleeps. False if the hub has ended;
  /// then the item stays the caller's.
  [[nodiscard]] bool post(Posted& item) noexcept;

  /// Puts `item` in without waking the hub: the item waits until the hub next
  /// looks, or for the next hub of that number.
  void post_quietly(Posted& item) noexcept;

  /// What a hub does, on its own thread, when it is called.
  using Call = void (*)();
  /// Wakes all hubs; each makes the call, or the last one if there were
  /// several. Async-signal-safe.
  static void call_everybody(Call call) noexcept;
  /// Makes the call, once. Does nothing if there is none.
  void answer_call() {
    // Relaxed: the function was there before the program began.
    if (call_.load(std::memory_order_relaxed) == nullptr) [[likely]]
      return;
    if (const Call call = call_.exchange(nullptr, std::memory_order_relaxed))
      call();
  }

  /// For the watchdog: whether the hub sleeps, and how often it has woken up.
  [[nodiscard]] bool is_asleep() const noexcept {
    // Relaxed: if the value is stale, the next look corrects it.
    const State state = state_.load(std::memory_order_relaxed);
    return state == State::asleep || state == State::dormant;
  }
  [[nodiscard]] std::size_t wakes() const noexcept {
    return activity_.load(std::memory_order_relaxed);
  }

  /// Calls arrive() for everything that is inside. True if there was anything.
  bool let_in() noexcept;

  /// Any thread: lets in what was posted while the door was closing. Does
  /// nothing while there is a hub of this number.
  void sweep() noexcept;

  /// Before the sleep. True: the hub may sleep; whoever posts from now on wakes
  /// it. False: something is inside, and the hub must not sleep. `dormant`:
  /// only a post can end the sleep, no timer and no I/O.
  [[nodiscard]] bool fall_asleep(bool dormant) noexcept;
  /// After the sleep. True: a post has ended it.
  bool awake() noexcept;

  /// True if nothing can happen any more in this process: no other hub does
  /// anything or will do anything by itself, and nothing is inside the door of
  /// any hub. Does not know of other threads: the caller has to count them.
  [[nodiscard]] static bool all_quiet(HubId caller);
  [[nodiscard]] static std::size_t open_doors();

  /// Called when the calling thread's hub has ended; its tokens now end with
  /// the thread.
  static void forget_tokens() noexcept;

  explicit Door(HubId id);
  Door(const Door&) = delete;
  Door& operator=(const Door&) = delete;
  ~Door();

 private:
  struct Queue;
  void enqueue(Posted& item) noexcept;
  void knock() noexcept;
  template <class Then>
  bool wake_up(Then then) noexcept;
  [[nodiscard]] bool is_quiet() const noexcept;

  // const after construction
  const HubId id_;

  // changed by fork() only
  std::unique_ptr<Queue> queue_;
  int bell_ = -1;

  // any thread
  // closed -> awake <-> asleep or dormant -> awake ... -> closed. Only the
  // poster that turns a sleep into awake rings the bell, so it rings once.
  enum class State : int { closed, awake, asleep, dormant };
  std::atomic<State> state_{State::closed};

  // How often the hub has woken up; see all_quiet().
  std::atomic<std::size_t> activity_{0};

  // Null unless called: see call_everybody().
  std::atomic<Call> call_{nullptr};
};

}  // namespace greenroom::detail
