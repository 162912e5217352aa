// Run info: who lives on a hub, in which state, waiting for what, since when.
//
//   hub0: 3 greenlets
//     main (1): running
//       worker (2): waits for an event (0x7ffd3a10), since 2.5 s
//         Store(hub0/7.1) (3): resting, inbox 0
//
// Greenlets stand under the one that spawned them. A number in parentheses is
// Greenlet::id().
//
// Thread rule: any thread for print_run_info_on(); else the calling hub's.
// Order: a hub's greenlets in the order in which they were made, children under
// their parents; hubs in the order of their age.
// Behaves as gevent.util.print_run_info, GreenletTree (gevent 26.5,
// src/gevent/util.py). Unlike gevent, it shows no stacks, and a plain greenlet
// that has not been started or has ended is known to its handles only:
// describe() tells of it.
#pragma once

#include "../core/clock.hpp"

#include <string>

namespace greenroom {

class Greenlet;

/// One greenlet in a line: name, id, state, what it waits for, how it ended.
/// Whether somebody has looked at its failure stays as it was.
[[nodiscard]] std::string describe(const Greenlet& greenlet);

/// What is shown of a hub with very many greenlets.
inline constexpr std::size_t kRunInfoLines = 1000;

/// The greenlets of the calling thread's hub, a line each; made if it has none.
/// Also in callbacks of the hub.
[[nodiscard]] std::string format_run_info();

/// As format_run_info() of each hub of the process. Parks until they have
/// answered; one that has not when `limit` passes is said to be busy.
[[nodiscard]] std::string format_run_info_of_all_hubs(
    Duration limit = std::chrono::seconds(1));

/// To stderr, in one write.
void print_run_info();
void print_run_info_of_all_hubs(Duration limit = std::chrono::seconds(1));

/// From now on `signal` (SIGUSR1, say) makes each hub of the process print its
/// run info to stderr: at once if it sleeps, else when it next polls, which it
/// does every few dozen dispatches. Throws std::system_error for no signal.
void print_run_info_on(int signal);

}  // namespace greenroom
