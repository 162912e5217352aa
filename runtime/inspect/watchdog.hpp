// A Watchdog notices a greenlet that holds its hub for too long without giving
// way, so that nothing else runs there, and says who it is and where it is.
//
//   const Watchdog watchdog;  // in main(): watches all hubs of the process
//
// It looks twice in max_blocking_time: a hub that was awake both times, and
// went on to no other greenlet in between, is held. A hub that sleeps is not.
//
// Thread rule: made and destroyed by one thread. Reports are given on its own
// thread.
// Behaves as gevent's monitor thread (gevent 26.5, src/gevent/_monitor.py).
// Unlike gevent, one watches all hubs. docs/decisions/0006.
#pragma once

#include "../core/clock.hpp"
#include "../core/export.hpp"
#include "../core/hub.hpp"

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace greenroom {

/// A greenlet holds its hub.
struct Hold {
  /// The hub's name.
  std::string hub;
  /// Its name; "a callback" if a callback of the hub holds it; empty if the
  /// hub's thread did not answer, because it blocks signals.
  std::string greenlet;
  /// It has held the hub for at least this long.
  Duration time;
  /// Where it is, innermost first: a line for each call, as
  /// backtrace_symbols() has it. Empty if the thread did not answer.
  std::vector<std::string> stack;
};

/// "greenroom: Store(hub0/7.1) has held hub0 for 0.104 s without giving way",
/// and the stack below.
[[nodiscard]] GREENROOM_API std::string to_string(const Hold& hold);

/// How strict a Watchdog is, and whom it tells.
struct WatchdogOptions {
  /// A greenlet that holds its hub for about this long is reported.
  Duration max_blocking_time = std::chrono::milliseconds(100);
  /// Called once for a hold, and again whenever it has lasted twice as long.
  /// Must not destroy the watchdog. Default: prints to stderr.
  std::function<void(const Hold&)> report{};
  /// False: the watchdog looks only when somebody calls look().
  bool has_thread = true;
};

/// There can be one at a time. Uses SIGURG to ask a hub's thread what it does;
/// other uses of that signal still work. Its thread never prevents a LoopExit.
/// After fork() the child's thread begins when the child's hub next polls.
class GREENROOM_API Watchdog {
 public:
  /// Throws std::logic_error if there is one already, and std::system_error if
  /// the thread cannot be started.
  explicit Watchdog(WatchdogOptions options = {});
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;
  /// Waits for a report that is under way.
  ~Watchdog();

  /// Looks at all hubs, at the time `now`. Only without a thread of its own.
  void look(TimePoint now);

 private:
  // What was seen of a hub.
  struct Sight {
    Hub::Pulse pulse{};
    TimePoint since{};  // when it was first seen so
    TimePoint next_report{};
  };

  struct Thread;

  void start();
  void watch();
  static void after_fork_in_child();

  // const after construction
  const WatchdogOptions options_;
  const int stop_;  // an eventfd

  // its own thread, or who calls look()
  std::map<HubId, Sight> seen_;

  // who made it, or fork()
  std::unique_ptr<Thread> thread_;
};

}  // namespace greenroom
