// Waiting until any of several file descriptors is ready: what select(), Poll
// and Selector are made of.
//
// Thread rule: the thread's own hub.
#pragma once

#include "../core/clock.hpp"

#include <poll.h>

#include <cstddef>
#include <span>

namespace greenroom::detail {

/// Gives way once, and parks until at least one of them is ready, as poll(2)
/// understands it; each asks for POLLIN, POLLOUT or both. POLLNVAL in `revents`
/// is ready. How many are; 0 if `limit` passes first. A descriptor that is
/// closed meanwhile by a Descriptor, or whatever else owns it here, is
/// POLLNVAL. Kill: throws.
std::size_t wait_for_any_fd(std::span<pollfd> fds, Duration limit);

}  // namespace greenroom::detail
