// A Greenlet is a function that runs by itself on a hub, in turn with others.
// It may wait anywhere: then only it waits.
//
// A greenlet has no stack of its own before it parks for the first time: until
// then it runs on whatever stack the hub stands on. So nothing may take a stack
// for a greenlet.
//
// Thread rule: owning hub only; a call from another thread aborts with a
// sentence.
// Order: greenlets that are started or made ready run first come, first served.
// Behaves as gevent.Greenlet (gevent 26.5, src/gevent/greenlet.py).
#pragma once

#include "clock.hpp"
#include "errors.hpp"
#include "export.hpp"
#include "wait.hpp"

#include <boost/smart_ptr/intrusive_ptr.hpp>

#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <utility>

namespace greenroom {

class Hub;
namespace detail {
class Label;
class LocalTable;
class ReadyQueue;
struct Stack;
}  // namespace detail

class Greenlet;

/// A handle. A greenlet that was started runs on even when nobody holds one.
using GreenletPtr = boost::intrusive_ptr<Greenlet>;

/// Names one link of a greenlet, for unlink().
enum class LinkToken : std::uint64_t {};

/// Subclass it and override run(), or use spawn(). Made by make_greenlet() or
/// spawn() only.
class GREENROOM_API Greenlet : public Waitable {
 public:
  /// What link() and Hub::add_spawn_callback() take.
  using Callback = std::function<void(Greenlet&)>;

  Greenlet(const Greenlet&) = delete;
  Greenlet& operator=(const Greenlet&) = delete;
  virtual ~Greenlet();

  /// Greenlets are cells of the hub's slab.
  static void* operator new(std::size_t size);
  /// Any thread: gives the cell back.
  static void operator delete(void* memory, std::size_t size) noexcept;

  /// Queues the greenlet to run; it starts when the caller next parks. Does
  /// nothing if it was started before, even if it has ended since.
  void start();

  /// As start(), but it runs before all that are ready.
  void start_next();

  /// start() after a delay; a kill before that prevents it.
  void start_later(Duration delay);

  /// Parks until it has ended; false if `limit` passes first. Says nothing
  /// about how it ended. Kill: the joiner stops waiting, this one runs on.
  /// Throws SelfJoinError.
  bool join(Duration limit = forever);

  /// As join(), then rethrows what it failed with, the same exception object
  /// each time, or the GreenletExit if it was killed. Throws TimeoutError when
  /// `limit` passes first. GreenletOf::get() returns the result.
  void get(Duration limit = forever);

  /// Throws `what` (default: GreenletExit) into the greenlet where it waits,
  /// and parks until it has ended. True: it is dead. False: `limit` passed,
  /// or it caught the exception and lives on; call again to throw again. One
  /// that has not run yet never will. One that is ready to go on gets the
  /// exception at its next wait. If one of its destructors waits while an
  /// exception unwinds it, that wait is not disturbed and the next one throws.
  /// A greenlet that kills itself gets the exception at once.
  bool kill(std::exception_ptr what = nullptr, Duration limit = forever);

  /// As kill(), without waiting for the end. Does not park.
  void kill_soon(std::exception_ptr what = nullptr);

  /// Was started and has not ended. (gevent: bool(g).)
  [[nodiscard]] bool started() const noexcept;
  /// Has ended. The same as ready().
  [[nodiscard]] bool dead() const noexcept { return state_ == State::dead; }
  [[nodiscard]] bool ready() const noexcept override { return dead(); }
  /// Ended by returning or by GreenletExit.
  [[nodiscard]] bool successful() const noexcept;
  /// The exception it failed with; null while it lives, and if it ended well.
  [[nodiscard]] std::exception_ptr exception() const noexcept;

  /// Calls `callback(*this)` in a greenlet of its own once this one has ended
  /// (at the next turn if it has ended already). Callbacks run in the order of
  /// linking. If one throws, the greenlet that runs it has failed; the other
  /// links still run.
  LinkToken link(Callback callback);
  /// As link(), but only if it ended well: see successful().
  LinkToken link_value(Callback callback);
  /// As link(), but only if it failed.
  LinkToken link_exception(Callback callback);
  /// Does nothing if the callback was called or unlinked before.
  void unlink(LinkToken token) noexcept;

  /// Different for all greenlets of a hub; counts from 1 (the main greenlet).
  [[nodiscard]] std::uint64_t id() const noexcept { return id_; }
  /// The id of the greenlet that made this one; 0 for the main greenlet.
  [[nodiscard]] std::uint64_t parent_id() const noexcept { return parent_id_; }
  /// "Greenlet-<id>" unless set.
  [[nodiscard]] std::string name() const;
  /// For reports. An empty name unsets it.
  void set_name(std::string name);

  /// False: the watchdog says nothing when this one holds its hub for long.
  void set_watched(bool watched) noexcept { unwatched_ = !watched; }

  /// Has it run on a stack of at least `size` bytes. To be called before
  /// start(); throws std::logic_error afterwards.
  void set_stack_size(std::size_t size);

  /// The hub of the thread that made it.
  [[nodiscard]] Hub& hub() const noexcept { return hub_; }
  /// True if it runs when something arrives in an inbox of its own. The layer
  /// above says so of its kind of greenlet.
  [[nodiscard]] bool owns_inbox() const noexcept { return owns_inbox_; }
  /// What it waits for while it is parked, else null.
  [[nodiscard]] const Waiting* waiting() const noexcept {
    return waiter_ == nullptr ? nullptr : &waiter_->record();
  }
  /// Its values of Local<T>; null if it has not used any.
  [[nodiscard]] detail::LocalTable* find_locals() const noexcept;
  /// The same; made if there is none yet.
  [[nodiscard]] detail::LocalTable& locals();

  // For the watchdog, whose signal handlers run on the hub's thread.

  /// What set_watched() has set, or true. Async-signal-safe.
  [[nodiscard]] bool is_watched() const noexcept { return !unwatched_; }
  /// name(). Async-signal-safe.
  void write_name(detail::Label& label) const noexcept;

 protected:
  /// To be called on a hub's thread: the greenlet belongs to that hub.
  Greenlet();

  /// The greenlet's work. What it throws is kept, told to links, rethrown by
  /// get(), and printed if nobody looks at it.
  virtual void run() = 0;

  /// Where a greenlet is in its life.
  enum class State : std::uint8_t {
    created,  ///< start() has not been called
    delayed,  ///< start_later(), the delay runs
    ready,    ///< in the hub's queue
    running,  ///< it is Hub::running()
    parked,   ///< on its stack, see waiting()
    resting,  ///< started, holds no stack, waits to be scheduled (mailboxes)
    dead,     ///< it has ended
  };

  /// Called on the hub's stack when it is the turn of a greenlet that holds no
  /// stack. Runs run() to its end; a kind of greenlet that is scheduled again
  /// and again does its next piece of work.
  virtual void dispatch() noexcept;

  /// Called when a kill or a Timeout reaches a resting greenlet: see
  /// take_interrupt().
  virtual void interrupted_at_rest() noexcept {}

  /// Called when a kill reaches a greenlet before its first dispatch(), which
  /// will then not come.
  virtual void end_unbegun(std::exception_ptr why) noexcept { finish(why); }

  /// Ends the greenlet; `why` is null if it returned. Wakes joiners and calls
  /// links. A failure is printed if nobody looks at it, unless
  /// `somebody_knows`.
  void finish(std::exception_ptr why, bool somebody_knows = false) noexcept;

  /// Writes the name of a greenlet that was given none. Async-signal-safe.
  virtual void write_default_name(detail::Label& label) const noexcept;

  /// What this kind of greenlet adds to reports: "inbox 12".
  [[nodiscard]] virtual std::string details() const { return {}; }

  /// Takes the oldest exception that was sent and not thrown yet; null if there
  /// is none.
  std::exception_ptr take_interrupt() noexcept;
  /// True: take_interrupt() would give one.
  [[nodiscard]] bool has_interrupt() const noexcept { return interrupted_; }
  /// Throws the oldest interrupt. There must be one.
  [[noreturn]] void throw_interrupt();
  /// One flag for everything that comes before the usual work: an interrupt, or
  /// what the kind of greenlet asks for with set_attention().
  [[nodiscard]] bool needs_attention() const noexcept { return attention_; }
  /// Its dispatch() is to look at what comes before the usual work.
  void set_attention() noexcept { attention_ = true; }
  /// Nothing comes before the usual work.
  void clear_attention() noexcept { attention_ = false; }

  /// The layer above calls this in the constructor of its kind of greenlet: see
  /// owns_inbox().
  void mark_inbox_owner() noexcept { owns_inbox_ = true; }

  /// Destroys its values of Local<T>; the next use makes a new one.
  void end_locals() noexcept;

  /// Aborts, naming both hubs, if the calling thread is not that of its hub.
  void assert_on_hub(const char* call) const;
  /// Where it is in its life.
  [[nodiscard]] State state() const noexcept { return state_; }
  /// After a dispatch(): it waits to be scheduled again, without a stack.
  void rest() noexcept { state_ = State::resting; }

 private:
  friend class Hub;
  friend class detail::ReadyQueue;
  friend class Waiter;
  friend class Timeout;
  friend std::string describe(const Greenlet& greenlet);
  friend void intrusive_ptr_add_ref(Greenlet* greenlet) noexcept;
  friend void intrusive_ptr_release(Greenlet* greenlet) noexcept;

  struct Extras;
  class Link;
  enum class LinkWhen : std::uint8_t { always, succeeded, failed };

  /// Throws `what` into it where it waits, or keeps it for its next wait.
  /// `sender` names a Timeout, so that its cancel() can take `what` back.
  void interrupt(std::exception_ptr what, const void* sender = nullptr);
  void withdraw_interrupt(const void* sender) noexcept;
  void keep(std::exception_ptr why, bool somebody_knows) noexcept;
  void print_unseen() const noexcept;
  void begin_after_delay() noexcept;
  LinkToken add_link(Callback callback, LinkWhen when);
  void call_link(LinkToken token);
  void rethrow_failure() const;
  Extras& extras();
  [[nodiscard]] std::size_t stack_size() const noexcept;
  WaitList& wait_list() noexcept override { return waiters_; }

  // const after construction
  Hub& hub_;
  const std::uint64_t id_;
  const std::uint64_t parent_id_;

  // owning hub only
  Greenlet* next_ = nullptr;        // in the ready queue
  detail::Stack* stack_ = nullptr;  // while parked, or ready after a park
  Waiter* waiter_ = nullptr;        // while parked
  WaitList waiters_;                // joiners and links, oldest first
  std::exception_ptr exception_;    // what it ended with
  std::unique_ptr<Extras> extras_;  // what few greenlets need
  std::uint32_t references_ = 0;
  State state_ = State::created;
  bool attention_ = false;  // see needs_attention()
  // It is dead or wants a larger stack: see Hub::may_run_here().
  bool check_before_dispatch_ = false;
  bool exited_ : 1 = false;          // exception_ is a GreenletExit
  mutable bool unseen_ : 1 = false;  // failed, and nobody has looked
  bool interrupted_ : 1 = false;     // extras_->interrupts is not empty
  bool begun_ : 1 = false;           // dispatch() was called
  bool owns_inbox_ : 1 = false;
  bool wants_stack_ : 1 = false;  // extras_->stack_size is set
  bool unwatched_ : 1 = false;    // see set_watched()
};

/// For boost::intrusive_ptr: there is one more handle.
inline void intrusive_ptr_add_ref(Greenlet* greenlet) noexcept {
  ++greenlet->references_;
}

/// For boost::intrusive_ptr: there is one handle less. When the last has gone,
/// a failure that nobody has looked at is printed.
inline void intrusive_ptr_release(Greenlet* greenlet) noexcept {
  if (!greenlet->dead()) greenlet->assert_on_hub("the last use of a handle");
  if (--greenlet->references_ != 0) return;
  if (greenlet->unseen_) [[unlikely]]
    greenlet->print_unseen();
  delete greenlet;
}

/// Makes a greenlet of a subclass, not started yet.
template <class T, class... Args>
[[nodiscard]] boost::intrusive_ptr<T> make_greenlet(Args&&... args) {
  return boost::intrusive_ptr<T>(new T(std::forward<Args>(args)...));
}

}  // namespace greenroom
