// Waits until any of several file descriptors is ready. select(), Poll and
// Selector are made of this.
//
// Thread rule: the thread's own hub.
#pragma once

#include "../core/clock.hpp"

#include <poll.h>

#include <cstddef>
#include <span>

namespace greenroom::detail {

/// Gives way once, then parks until at least one of them is ready in the sense
/// of poll(2). Each asks for POLLIN, POLLOUT or both; POLLNVAL in `revents`
/// counts as ready. Returns how many are ready; 0 if `limit` passes first. If a
/// Descriptor, or whatever else owns it on this hub, closes one meanwhile, it
/// is POLLNVAL. Kill: throws.
std::size_t wait_for_any_fd(std::span<pollfd> fds, Duration limit);

}  // namespace greenroom::detail
