// How many threads of this process never wake a hub by themselves: they do what
// hubs ask of them, or only watch.
//
// A hub that looks for a deadlock does not count on them to wake it: while one
// works, the hub it works for waits for I/O.
//
// Thread rule: any thread.
#pragma once

#include <atomic>
#include <cstddef>

namespace greenroom::detail {

// Whoever makes such a thread counts it first. When the thread ends, it is
// taken off the count. So all are counted while all hubs sleep, which is when
// the count is read. After fork() the child has none. Relaxed: the doors of the
// hubs tell that they sleep.
inline std::atomic<std::size_t> worker_threads{0};

}  // namespace greenroom::detail
