#include "request.hpp"

#include "../head_text.hpp"
#include "exchange.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace greenroom::http {
namespace {

using detail::view;

std::string with_reason(int status, const std::string& text) {
  if (!text.empty()) return text;
  const auto reason = boost::beast::http::obsolete_reason(
      boost::beast::http::int_to_status(static_cast<unsigned>(status)));
  return std::string(reason) + "\n";
}

}  // namespace

HttpError::HttpError(int status, const std::string& text)
    : std::runtime_error(with_reason(status, text)), status_(status) {
  if (status < 400 || status > 599)
    throw std::invalid_argument("not a status of an error: " +
                                std::to_string(status));
}

std::string_view Request::method() const {
  return view(exchange_.request().method_string());
}

std::string_view Request::target() const {
  return view(exchange_.request().target());
}

std::string Request::path() const {
  auto whole = target();
  // "http://host/path" is what a proxy is asked for; a server understands it.
  if (!whole.starts_with('/') && whole != "*") {
    whole.remove_prefix(whole.find("://") + 3);
    const auto end = whole.find_first_of("/?");
    whole.remove_prefix(std::min(end, whole.size()));
    if (!whole.starts_with('/')) return "/";
  }
  return percent_decode(whole.substr(0, whole.find('?')));
}

std::string_view Request::query() const {
  const auto mark = target().find('?');
  return mark == std::string_view::npos ? std::string_view()
                                        : target().substr(mark + 1);
}

int Request::version() const {
  return static_cast<int>(exchange_.request().version());
}

const net::Endpoint& Request::peer() const { return exchange_.peer(); }

bool Request::is_secure() const { return exchange_.socket().is_secure(); }

std::optional<std::string_view> Request::header(std::string_view name) const {
  const auto found = exchange_.request().find({name.data(), name.size()});
  if (found == exchange_.request().end()) return std::nullopt;
  return view(found->value());
}

std::vector<std::pair<std::string_view, std::string_view>> Request::headers()
    const {
  std::vector<std::pair<std::string_view, std::string_view>> all;
  for (const auto& header : exchange_.request())
    all.emplace_back(view(header.name_string()), view(header.value()));
  return all;
}

std::size_t Request::read_some(std::span<char> buffer) {
  return exchange_.read_body(buffer);
}

std::string Request::body() {
  std::string all;
  std::array<char, 4096> piece;  // NOLINT(*-member-init)
  while (const std::size_t count = read_some(piece))
    all.append(piece.data(), count);
  return all;
}

std::string percent_decode(std::string_view text, bool plus_is_space) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned char byte = 0;
    const char* digits = text.data() + i + 1;
    if (text[i] == '%' && i + 2 < text.size() &&
        std::from_chars(digits, digits + 2, byte, 16).ptr == digits + 2) {
      decoded += static_cast<char>(byte);
      i += 2;
    } else {
      decoded += plus_is_space && text[i] == '+' ? ' ' : text[i];
    }
  }
  return decoded;
}

std::vector<std::pair<std::string, std::string>> parse_form(
    std::string_view text) {
  std::vector<std::pair<std::string, std::string>> values;
  while (!text.empty()) {
    const auto end = text.find('&');
    const auto pair = text.substr(0, end);
    const auto equals = pair.find('=');
    if (!pair.empty())
      values.emplace_back(percent_decode(pair.substr(0, equals), true),
                          equals == std::string_view::npos
                              ? std::string()
                              : percent_decode(pair.substr(equals + 1), true));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return values;
}

}  // namespace greenroom::http
