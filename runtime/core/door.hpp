// The one way into a hub from other threads.
//
// Each hub number has a door; it outlives the hub, so that an address of a hub
// that has ended can still be knocked at. What is posted by one thread arrives
// in the order in which that thread posted it.
//
// Thread rule: post(), post_quietly(), call_everybody(), is_asleep() and
// wakes(): any thread. The rest: the thread of the hub that opened the door.
#pragma once

#include "per_hub.hpp"

#include <atomic>
#include <cstddef>
#include <memory>

namespace greenroom::detail {

/// Something that goes through a door. Whoever posts it gives it away.
class Posted {
 public:
  Posted() = default;
  Posted(const Posted&) = delete;
  Posted& operator=(const Posted&) = delete;

  /// Called on the hub's thread, once, after it has come through the door; or
  /// on any thread, once, if the hub has ended meanwhile (then Hub::current()
  /// is not the hub it was for). Must not park. Disposes of *this.
  virtual void arrive() noexcept = 0;

 protected:
  ~Posted() = default;
};

class Door {
 public:
  /// The door of a hub number that was in use at least once.
  [[nodiscard]] static Door& of(HubId id) noexcept;

  /// Opens a door for a new hub on the calling thread and returns its number.
  /// Throws std::runtime_error when kMaxHubs hubs exist.
  static HubId open();

  /// Becomes readable when the hub sleeps and should not (an eventfd).
  [[nodiscard]] int bell() const noexcept { return bell_; }

  /// Around fork(). In the child only `survivor`'s door is left open, with
  /// nothing inside and a bell of its own.
  static void before_fork() noexcept;
  static void after_fork_in_parent() noexcept;
  static void after_fork_in_child(std::size_t survivor);

  /// From now on post() refuses. Items still inside arrive().
  void close() noexcept;

  /// Hands `item` in and wakes the hub if it sleeps. False, and the item stays
  /// the caller's, if the hub has ended.
  [[nodiscard]] bool post(Posted& item) noexcept;

  /// Hands `item` in without waking: it waits for the hub's next look, or for
  /// the next hub of that number.
  void post_quietly(Posted& item) noexcept;

  /// What a hub does when it is called, on its own thread.
  using Call = void (*)();
  /// Wakes all hubs; each finds the call, or the last one if there were
  /// several. Async-signal-safe.
  static void call_everybody(Call call) noexcept;
  /// Makes the call, once; returns at once if there is none.
  void answer_call() {
    // Relaxed: the function was there before the program began.
    if (call_.load(std::memory_order_relaxed) == nullptr) [[likely]]
      return;
    if (const Call call = call_.exchange(nullptr, std::memory_order_relaxed))
      call();
  }

  /// What the watchdog looks at: whether the hub sleeps, and how often it has
  /// woken up.
  [[nodiscard]] bool is_asleep() const noexcept {
    // Relaxed: a guess that the next look corrects.
    const State state = state_.load(std::memory_order_relaxed);
    return state == State::asleep || state == State::dormant;
  }
  [[nodiscard]] std::size_t wakes() const noexcept {
    return activity_.load(std::memory_order_relaxed);
  }

  /// Lets everything that is inside arrive. True if there was anything.
  bool let_in() noexcept;

  /// Any thread: lets in what was posted while the door closed, if the hub has
  /// ended and there is no other of its number.
  void sweep() noexcept;

  /// True: the hub may sleep; whoever posts from now on wakes it. False: there
  /// is something inside, do not sleep. `dormant`: nothing but a post can end
  /// the sleep, neither a timer nor I/O.
  [[nodiscard]] bool fall_asleep(bool dormant) noexcept;
  /// After the sleep. True: a post has ended it.
  bool awake() noexcept;

  /// True if nothing can happen any more in this process: no hub but the
  /// calling one does anything, will do anything by itself, or has anything
  /// inside. Other threads are the caller's to count.
  [[nodiscard]] static bool all_quiet(HubId caller);
  [[nodiscard]] static std::size_t open_doors();

  /// The calling thread's hub has ended; its tokens end with the thread.
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
  // closed -> awake <-> asleep or dormant -> awake ... -> closed. Whoever turns
  // a sleep into awake rings the bell, so it rings once.
  enum class State : int { closed, awake, asleep, dormant };
  std::atomic<State> state_{State::closed};

  // How often the hub has woken up; see all_quiet().
  std::atomic<std::size_t> activity_{0};

  // Null unless called: see call_everybody().
  std::atomic<Call> call_{nullptr};
};

}  // namespace greenroom::detail
