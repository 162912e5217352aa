// How a client comes to a server.
//
// Thread rule: owning hub only.
#pragma once

#include "../../../core/clock.hpp"
#include "../../socket.hpp"
#include "../url.hpp"

#include <memory>

namespace greenroom {

namespace net {
class TlsContext;
}

namespace detail {

/// A connection to where `url` leads; parks until it is there. It is encrypted
/// if `url.is_secure()`: by `tls`; null: by one that believes whom the system
/// believes. Throws std::system_error (ETIMEDOUT after `limit`), and
/// std::invalid_argument where greenroom was built without TLS.
std::unique_ptr<net::Socket> dial(const http::Url& url,
                                  const net::TlsContext* tls, Duration limit);

}  // namespace detail
}  // namespace greenroom
