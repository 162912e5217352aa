// A Url says where on the web something is: "http://127.0.0.1:8088/path?x=1".
//
// Thread rule: any thread; a value.
#pragma once

#include "../../core/export.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace greenroom::http {

struct GREENROOM_API Url {
  /// Throws std::invalid_argument if its scheme is not http, https, ws or wss,
  /// if it has no host, or if it has a user (which belongs in a header). What
  /// follows '#' is not for the server, and left out.
  [[nodiscard]] static Url parse(std::string_view text);
  /// Where `reference` leads from here: it is a whole URL, or begins with "//",
  /// "/" or "?", or is relative to the last '/' of the target.
  [[nodiscard]] Url resolve(std::string_view reference) const;

  /// For the Host header: without the port if it is the scheme's own.
  [[nodiscard]] std::string authority() const;
  /// True: it is for TLS.
  [[nodiscard]] bool is_secure() const {
    return scheme == "https" || scheme == "wss";
  }

  /// "http", "https", "ws" or "wss".
  std::string scheme;
  /// An IPv6 address without [ ].
  std::string host;
  /// That of the URL, else the usual one of the scheme.
  std::uint16_t port = 0;
  /// Path and query. Begins with '/'.
  std::string target;
};

}  // namespace greenroom::http
