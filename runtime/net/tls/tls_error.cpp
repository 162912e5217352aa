#include "tls_error.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <cerrno>
#include <string>

namespace greenroom::net {
namespace {

class TlsCategory final : public std::error_category {
 public:
  [[nodiscard]] const char* name() const noexcept override { return "tls"; }
  [[nodiscard]] std::string message(int value) const override {
    const char* reason =
        ERR_reason_error_string(static_cast<unsigned long>(value));
    return reason != nullptr ? reason : "TLS error " + std::to_string(value);
  }
};

}  // namespace

const std::error_category& tls_category() noexcept {
  static const TlsCategory category;
  return category;
}

}  // namespace greenroom::net

namespace greenroom::detail {

std::error_code take_tls_error() noexcept {
  const unsigned long code = ERR_get_error();  // the oldest: the cause
  ERR_clear_error();
  if (ERR_SYSTEM_ERROR(code))
    return {ERR_GET_REASON(code), std::generic_category()};
  if (code == 0) return std::make_error_code(std::errc::protocol_error);
  return {static_cast<int>(code), net::tls_category()};
}

}  // namespace greenroom::detail
