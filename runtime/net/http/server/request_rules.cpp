#include "request_rules.hpp"

#include "../head_text.hpp"
#include "request.hpp"

#include <boost/beast/core/string.hpp>
#include <boost/beast/http/field.hpp>
#include <boost/beast/http/verb.hpp>

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace greenroom::detail {
namespace {

namespace beast = boost::beast;
using beast::http::field;
using beast::http::verb;
using http::HttpError;

void check_target(const HttpRequestHead& head, const http::Limits& limits) {
  const auto target = view(head.target());
  if (target.size() > limits.target_size) throw HttpError(414);
  if (head.method() == verb::connect)
    throw HttpError(501, "this is no proxy\n");
  const bool is_server = target == "*" && head.method() == verb::options;
  if (!target.starts_with('/') && !is_server &&
      target.find("://") == std::string_view::npos)
    throw HttpError(400, "no target\n");
}

void check_host(const HttpRequestHead& head) {
  const auto hosts = head.count(field::host);
  if (hosts > 1 || (hosts == 0 && head.version() == 11))
    throw HttpError(400, "one Host, please\n");
  if (view(head[field::host]).find_first_of(" \t/\\@?#,") !=
      std::string_view::npos)
    throw HttpError(400, "no host\n");
}

void check_length(const HttpRequestHead& head) {
  const auto lengths = head.count(field::content_length);
  const auto codings = head.count(field::transfer_encoding);
  if (lengths > 1 || (lengths == 1 && codings != 0))
    throw HttpError(400, "more than one length\n");
  const auto length = view(head[field::content_length]);
  if (length.find_first_not_of("0123456789") != std::string_view::npos)
    throw HttpError(400, "no length\n");
  if (codings == 0) return;
  if (codings > 1 || head.version() == 10)
    throw HttpError(400, "one Transfer-Encoding, in HTTP/1.1, please\n");
  if (!beast::iequals(head[field::transfer_encoding], "chunked"))
    throw HttpError(501, "no transfer coding but chunked, please\n");
}

}  // namespace

void check_request(const HttpRequestHead& head, const http::Limits& limits) {
  check_target(head, limits);
  check_host(head);
  check_length(head);
}

}  // namespace greenroom::detail
