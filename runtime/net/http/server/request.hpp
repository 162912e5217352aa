// A Request is what an http::Server gives to its handler: what was asked for,
// and a body that is read while it arrives.
//
// Thread rule: the handler's greenlet, or another one of its hub while the
// handler runs.
#pragma once

#include "../../../core/export.hpp"
#include "../../endpoint.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace greenroom {
namespace detail {
class HttpExchange;
}

namespace http {

/// For a handler, or what it calls, to throw: the answer is this status, with
/// the text as its body. If the answer has begun, it is cut off.
class GREENROOM_API HttpError : public std::runtime_error {
 public:
  /// 400 to 599, else throws std::invalid_argument. No text: the status's name.
  explicit HttpError(int status, const std::string& text = {});
  /// The status of the answer.
  [[nodiscard]] int status() const noexcept { return status_; }

 private:
  int status_;
};

/// The client has gone, or takes nothing any more. A handler need not catch it:
/// it is not reported.
class GREENROOM_API ClientGone : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class GREENROOM_API Request {
 public:
  /// The server makes them.
  explicit Request(detail::HttpExchange& exchange) noexcept
      : exchange_(exchange) {}
  Request(const Request&) = delete;
  Request& operator=(const Request&) = delete;
  ~Request() = default;

  /// "GET".
  [[nodiscard]] std::string_view method() const;
  /// As it was sent: "/a%20b?x=1".
  [[nodiscard]] std::string_view target() const;
  /// The target up to the '?', percent-decoded: "/a b". If the target has a
  /// scheme and a host ("http://example.org/a"): what follows them.
  [[nodiscard]] std::string path() const;
  /// What follows the '?', as it was sent; empty if there is none.
  [[nodiscard]] std::string_view query() const;
  /// 10 or 11.
  [[nodiscard]] int version() const;
  /// Where the connection comes from: the client, or a proxy before it.
  [[nodiscard]] const net::Endpoint& peer() const;
  /// True: it came over TLS (https).
  [[nodiscard]] bool is_secure() const;

  /// The value of a header; case does not matter. The first if there are
  /// several; none if there is none.
  [[nodiscard]] std::optional<std::string_view> header(
      std::string_view name) const;
  /// All of them, in the order in which they were sent.
  [[nodiscard]] std::vector<std::pair<std::string_view, std::string_view>>
  headers() const;

  /// Reads what is there of the body; parks until there is something. Returns
  /// how many bytes; 0 at its end. Throws HttpError if the body is too long,
  /// too slow or malformed (that is the answer, unless the handler catches it),
  /// and ClientGone.
  [[nodiscard]] std::size_t read_some(std::span<char> buffer);
  /// All that is left of the body. Parks and throws as read_some().
  [[nodiscard]] std::string body();

 private:
  detail::HttpExchange& exchange_;
};

/// "a%20b" -> "a b"; with `plus_is_space`, as in forms, "a+b" -> "a b". What is
/// not an escape stays.
[[nodiscard]] GREENROOM_API std::string percent_decode(
    std::string_view text, bool plus_is_space = false);

/// "name=value&..." of a query or of a form; percent-decoded, in order.
[[nodiscard]] GREENROOM_API std::vector<std::pair<std::string, std::string>>
parse_form(std::string_view text);

}  // namespace http
}  // namespace greenroom
