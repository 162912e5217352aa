// The text of a head, as Boost.Beast views it and as others do, and the
// characters that must not be in it.
//
// Thread rule: any thread; functions of their arguments.
#pragma once

#include <boost/beast/core/string_type.hpp>

#include <algorithm>
#include <string_view>

namespace greenroom::detail {

inline std::string_view view(boost::beast::string_view text) noexcept {
  return {text.data(), text.size()};
}

inline boost::beast::string_view beast_view(std::string_view text) noexcept {
  return {text.data(), text.size()};
}

/// A line break would begin another header, or the body. A tab is allowed.
inline bool has_control(std::string_view text) noexcept {
  return std::any_of(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) < ' ' && c != '\t') || c == 0x7f;
  });
}

}  // namespace greenroom::detail
