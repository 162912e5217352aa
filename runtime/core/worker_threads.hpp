// How many threads of this process never wake a hub by themselves: they do what
// hubs ask of them, or only watch.
//
// A hub that looks for a deadlock does not count on them to wake it: while one
// works, the hub it works for waits for I/O.
//
// Thread rule: any thread.
#pragma once

#include "export.hpp"

#include <atomic>
#include <cstddef>

namespace greenroom::detail {

// Never more than there are, while all hubs sleep, which is when it is read:
// one too many would make a deadlock out of a thread that is about to wake a
// hub. So a hub's thread, which is awake, may add a thread before it makes it;
// any other adds it afterwards, and takes it off before it ends it. Relaxed:
// that the hubs sleep is known through their doors.
GREENROOM_API extern std::atomic<std::size_t> worker_threads;

// The calling thread is one of them. After fork() the child has none: the
// thread that called fork() does there what it likes.
extern thread_local constinit bool is_worker_thread;

}  // namespace greenroom::detail
