// Run info: who lives on a hub, in which state, waiting for what, since when.
//
//   hub0: 3 greenlets
//     main (1): running
//       worker (2): waits for an event (0x7ffd3a10), for 2.5 s
//         Store(hub0/7.1) (3): resting, inbox 0
//
// Greenlets stand under the one that spawned them. A number in parentheses is
// Greenlet::id().
//
// Thread rule: any thread for print_run_info_on(); else the calling hub's.
// Order: a hub's greenlets in the order in which they were made, children under
// their parents; the oldest hub first.
// Behaves as gevent.util.print_run_info, GreenletTree (gevent 26.5,
// src/gevent/util.py). Unlike gevent, it shows no stacks, and no plain greenlet
// that has not been started or has ended: only its handles know it, and
// describe() tells of it.
#pragma once

#include "../core/clock.hpp"
#include "../core/export.hpp"

#include <string>

namespace greenroom {

class Greenlet;

/// One greenlet in a line: name, id, state, what it waits for, how it ended.
/// This does not count as a look at its failure.
[[nodiscard]] GREENROOM_API std::string describe(const Greenlet& greenlet);

/// So many greenlets of a hub are shown at most.
inline constexpr std::size_t kRunInfoLines = 1000;

/// The greenlets of the calling thread's hub, a line each. The hub is made if
/// the thread has none. May also be called in a callback of the hub.
[[nodiscard]] GREENROOM_API std::string format_run_info();

/// As format_run_info(), for each hub of the process. Parks until all have
/// answered or `limit` passes; a hub that has not answered is said to be busy.
[[nodiscard]] GREENROOM_API std::string format_run_info_of_all_hubs(
    Duration limit = std::chrono::seconds(1));

/// The same, printed to stderr in one write.
GREENROOM_API void print_run_info();
/// The same for format_run_info_of_all_hubs(), limit and parking included.
GREENROOM_API void print_run_info_of_all_hubs(
    Duration limit = std::chrono::seconds(1));

/// From now on `signal` (for example SIGUSR1) makes each hub of the process
/// print its run info to stderr: at once if it sleeps, else when it next polls,
/// which it does every few dozen dispatches. Throws std::system_error if there
/// is no such signal.
GREENROOM_API void print_run_info_on(int signal);

}  // namespace greenroom
