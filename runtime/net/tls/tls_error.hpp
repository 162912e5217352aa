// The errors of OpenSSL, as std::error_code.
//
// Thread rule: any thread.
#pragma once

#include "../../core/export.hpp"

#include <system_error>

namespace greenroom::net {

/// The errors of TLS: "certificate verify failed", "unexpected eof while
/// reading" (the other side went without a farewell). Errors of the socket
/// below are in std::generic_category(), as with any other socket.
[[nodiscard]] GREENROOM_API const std::error_category& tls_category() noexcept;

}  // namespace greenroom::net

namespace greenroom::detail {

/// Why the thread's last call of OpenSSL failed. Empties its queue of errors.
[[nodiscard]] std::error_code take_tls_error() noexcept;

}  // namespace greenroom::detail
