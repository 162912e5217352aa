// select() parks a greenlet until any of several file descriptors is ready.
//
// Thread rule: the thread's own hub.
// Behaves as gevent.select.select (gevent 26.5, src/gevent/select.py).
#pragma once

#include "../core/clock.hpp"
#include "../core/export.hpp"
#include "fd_list.hpp"

#include <vector>

namespace greenroom::net {

/// What select() found, in the order in which it was asked for. What was asked
/// for twice is there twice.
struct Selected {
  /// Those of `read` that can be read from, or have ended or failed.
  std::vector<int> readable;
  /// Those of `write` that can be written to, or have failed.
  std::vector<int> writable;

  bool operator==(const Selected&) const = default;
};

/// Gives way once, even if something is ready. Then parks until one of `read`
/// can be read from, one of `write` can be written to, or one of them has ended
/// or failed. Returns nothing if `limit` passes first; with two empty lists it
/// is a sleep(). Kill: throws. Throws std::invalid_argument if `limit` is
/// negative, and std::system_error (EBADF) if one of them is closed, or gets
/// closed.
/// Unlike gevent, has no list for exceptional conditions, which gevent ignores.
[[nodiscard]] GREENROOM_API Selected select(const FdList& read,
                                            const FdList& write,
                                            Duration limit = forever);

}  // namespace greenroom::net
