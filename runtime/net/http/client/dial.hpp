// Connects a client to a server.
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

/// A connection to the server of `url`; parks until it is made. It is encrypted
/// if `url.is_secure()`: with `tls`, or, if that is null, with a context that
/// trusts whom the system trusts. Throws std::system_error (ETIMEDOUT after
/// `limit`), and std::invalid_argument where greenroom was built without TLS.
std::unique_ptr<net::Socket> dial(const http::Url& url,
                                  const net::TlsContext* tls, Duration limit);

}  // namespace detail
}  // namespace greenroom
