#include "url.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <stdexcept>

namespace greenroom::http {
namespace {

std::uint16_t port_of(std::string_view scheme) {
  return scheme == "https" || scheme == "wss" ? 443 : 80;
}

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), [](char c) {
    return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  });
  return result;
}

[[noreturn]] void refuse(std::string_view text, const char* why) {
  throw std::invalid_argument("'" + std::string(text) + "' " + why +
                              "; a URL looks like http://host:port/path");
}

}  // namespace

Url Url::parse(std::string_view text) {
  const auto all = text;
  const auto colon = text.find("://");
  if (colon == std::string_view::npos) refuse(all, "has no scheme");
  Url url;
  url.scheme = lower(text.substr(0, colon));
  if (url.scheme != "http" && url.scheme != "https" && url.scheme != "ws" &&
      url.scheme != "wss")
    refuse(all, "is not a URL of http, https, ws or wss");
  const bool is_clean = std::none_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) <= ' ' || c == 0x7f;
  });
  if (!is_clean) refuse(all, "has a space or a control character in it");

  text.remove_prefix(colon + 3);
  text = text.substr(0, text.find('#'));
  const auto end = std::min(text.find_first_of("/?"), text.size());
  auto authority = text.substr(0, end);
  url.target = text.substr(end);
  if (!url.target.starts_with('/')) url.target.insert(0, 1, '/');

  if (authority.find('@') != std::string_view::npos)
    refuse(all, "has a user in it, which belongs in a header");
  url.port = port_of(url.scheme);
  const auto bracket = authority.rfind(']');
  const auto port = authority.rfind(':');
  if (port != std::string_view::npos &&
      (bracket == std::string_view::npos || port > bracket)) {
    const auto digits = authority.substr(port + 1);
    const char* last = digits.data() + digits.size();
    const auto [stopped, error] =
        std::from_chars(digits.data(), last, url.port);
    if (digits.empty() || error != std::errc() || stopped != last)
      refuse(all, "has no port between 0 and 65535");
    authority = authority.substr(0, port);
  }
  if (authority.starts_with('[') && authority.ends_with(']'))
    authority = authority.substr(1, authority.size() - 2);
  if (authority.empty()) refuse(all, "has no host");
  url.host = lower(authority);
  return url;
}

Url Url::resolve(std::string_view reference) const {
  if (reference.find("://") < reference.find_first_of("/?#"))
    return parse(reference);
  if (reference.starts_with("//"))
    return parse(scheme + ':' + std::string(reference));
  Url url = *this;
  reference = reference.substr(0, reference.find('#'));
  const auto path = target.substr(0, target.find('?'));
  if (reference.starts_with('/'))
    url.target = reference;
  else if (reference.starts_with('?'))
    url.target = path + std::string(reference);
  else if (!reference.empty())
    url.target = path.substr(0, path.rfind('/') + 1) + std::string(reference);
  return url;
}

std::string Url::authority() const {
  std::string text = host;
  if (host.find(':') != std::string::npos) {
    text.insert(0, 1, '[');
    text += ']';
  }
  if (port != port_of(scheme)) text += ':' + std::to_string(port);
  return text;
}

}  // namespace greenroom::http
