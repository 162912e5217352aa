// How many threads of this process wake no hub of their own accord: they do
// what hubs ask them for, or only look on.
//
// A hub that looks for a deadlock does not take them for somebody who may wake
// it: while one works, the hub it works for waits for I/O.
//
// Thread rule: any thread.
#pragma once

#include <atomic>
#include <cstddef>

namespace greenroom::detail {

// Who makes such a thread adds it first, and takes it off when it ends. So all
// are counted while all hubs sleep, which is when it is read. After fork() the
// child has none. Relaxed: that the hubs sleep is known through their doors.
inline std::atomic<std::size_t> worker_threads{0};

}  // namespace greenroom::detail
