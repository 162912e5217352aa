// How a socket gets connected.
//
// Thread rule: the thread's own hub.
#pragma once

#include "../core/clock.hpp"
#include "descriptor.hpp"
#include "endpoint.hpp"

namespace greenroom::detail {

/// A stream socket that is connected to `endpoint`. Parks. Throws
/// std::system_error that names the endpoint; leaves no socket behind.
[[nodiscard]] net::Descriptor connect_descriptor(const net::Endpoint& endpoint,
                                                 Duration limit);

}  // namespace greenroom::detail
