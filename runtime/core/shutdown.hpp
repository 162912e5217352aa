// shutdown(): ends what runs on a hub, in good order.
//
// Thread rule: the thread's own hub.
// Named after gevent.shutdown of gevent 0.13, which gevent's tutorial calls and
// gevent has not any more.
#pragma once

namespace greenroom {

/// Kills every greenlet of the hub that has been started, actors included, but
/// not the caller and not the main greenlet: that one finds what it waited for
/// at its end, and goes on. Does not park: they unwind at their next turn. One
/// that catches its GreenletExit lives on, and one that spawn_later() has yet
/// to start will start.
///
/// A main greenlet that waits for something else than greenlets wants to be
/// told by other means: an Event, or `Hub::current().main().kill_soon()`.
void shutdown();

}  // namespace greenroom
