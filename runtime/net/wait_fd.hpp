// Waiting for a file descriptor that belongs to somebody else.
//
// Thread rule: the thread's own hub. Several greenlets may wait for the same
// descriptor. Whoever closes it must make sure that nobody waits for it.
// Behaves as gevent.socket.wait_read and wait_write (gevent 26.5,
// src/gevent/_hub_primitives.py).
#pragma once

#include "../core/clock.hpp"
#include "../core/export.hpp"

namespace greenroom::net {

/// Parks until `fd` can be read from, or has ended or failed: true. False if
/// `limit` passes first. A plain file is always ready. Kill: throws. Throws
/// std::system_error if it is not an open descriptor.
GREENROOM_API bool wait_read(int fd, Duration limit = forever);

/// Parks until `fd` can be written to, or has failed. Otherwise as wait_read().
GREENROOM_API bool wait_write(int fd, Duration limit = forever);

}  // namespace greenroom::net
