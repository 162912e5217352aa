// What OpenSSL has to complain about, as a std::error_code.
//
// Thread rule: any thread.
#pragma once

#include <system_error>

namespace greenroom::net {

/// The errors of TLS: "certificate verify failed", "unexpected eof while
/// reading" (the other side went without a farewell). What the system says
/// about the socket is in std::generic_category(), as with any other.
[[nodiscard]] const std::error_category& tls_category() noexcept;

}  // namespace greenroom::net

namespace greenroom::detail {

/// What the thread's last call of OpenSSL failed with; the queue of errors is
/// empty then.
[[nodiscard]] std::error_code take_tls_error() noexcept;

}  // namespace greenroom::detail
