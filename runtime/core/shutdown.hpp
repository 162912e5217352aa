// shutdown(): ends what runs on a hub, in good order.
//
// Thread rule: the thread's own hub.
// Named after gevent.shutdown of gevent 0.13. gevent's tutorial still calls it,
// but gevent no longer has it.
#pragma once

#include "export.hpp"

namespace greenroom {

/// Kills every greenlet of the hub that has been started, actors included, but
/// not the caller and not the main greenlet. If the main greenlet waits for
/// others to end, they do, and it goes on. Does not park: the killed greenlets
/// unwind at their next turn. One that catches its GreenletExit lives on, and
/// one that spawn_later() has yet to start will start.
///
/// If the main greenlet waits for something other than greenlets, tell it by
/// other means: an Event, or `Hub::current().main().kill_soon()`.
GREENROOM_API void shutdown();

}  // namespace greenroom
