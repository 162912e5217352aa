// Waiting for a file descriptor that belongs to somebody else.
//
// Thread rule: the thread's own hub. Several greenlets may wait for the same
// descriptor. Who closes it must see to it that nobody waits for it.
// Behaves as gevent.socket.wait_read and wait_write (gevent 26.5,
// src/gevent/_hub_primitives.py).
#pragma once

#include "../core/clock.hpp"

namespace greenroom::net {

/// Parks until `fd` can be read from, or has ended or failed: true. False if
/// `limit` passes first. What the system is always ready for, a plain file, is
/// ready. Kill: throws. Throws std::system_error if it is no open descriptor.
bool wait_read(int fd, Duration limit = forever);

/// Parks until `fd` can be written to, or has failed. Otherwise as wait_read().
bool wait_write(int fd, Duration limit = forever);

}  // namespace greenroom::net
