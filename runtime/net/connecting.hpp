// Connects a stream socket to an endpoint.
//
// Thread rule: the thread's own hub.
#pragma once

#include "../core/clock.hpp"
#include "descriptor.hpp"
#include "endpoint.hpp"

namespace greenroom::detail {

/// Returns a stream socket that is connected to `endpoint`. Parks. Throws a
/// std::system_error that names the endpoint, and then leaves no socket behind.
[[nodiscard]] net::Descriptor connect_descriptor(const net::Endpoint& endpoint,
                                                 Duration limit);

}  // namespace greenroom::detail
