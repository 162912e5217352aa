// How many threads of this process do nothing but what hubs ask them for.
//
// A hub that looks for a deadlock does not take them for somebody who may wake
// it: while one works, the hub it works for waits for I/O.
//
// Thread rule: any thread.
#pragma once

#include <atomic>
#include <cstddef>

namespace greenroom::detail {

// A hub adds a thread before it makes one, and the thread takes itself off when
// it ends. So all are counted while all hubs sleep, which is when it is read.
// Relaxed: that they sleep is known through their doors.
inline std::atomic<std::size_t> worker_threads{0};

}  // namespace greenroom::detail
