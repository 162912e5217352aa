#include "call.hpp"

#include "../head_text.hpp"
#include "dial.hpp"

#include <boost/beast/http/error.hpp>
#include <boost/beast/http/field.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/serializer.hpp>
#include <boost/beast/http/span_body.hpp>
#include <boost/beast/http/write.hpp>

#include <array>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>

namespace greenroom::detail {
namespace {

namespace beast = boost::beast;
using beast::http::error;
using beast::http::field;
using boost::system::error_code;

// The server is to blame for an error of the parser, the network for others.
[[noreturn]] void throw_failed(const error_code& failed, const http::Url& url) {
  static const error_code of_http = error::bad_field;
  const std::string where = " (" + url.authority() + ")";
  if (failed.category() == of_http.category())
    throw http::BadResponse(failed.message() + where);
  throw std::system_error(failed, "HTTP with " + url.authority());
}

void check_text(std::string_view text, const char* what) {
  if (has_control(text))
    throw std::invalid_argument(std::string("a control character in ") + what);
}

}  // namespace

HttpCall::HttpCall(std::shared_ptr<HttpPool> pool, std::string_view method,
                   http::Url url)
    : pool_(std::move(pool)), method_(method), url_(std::move(url)) {
  if (url_.scheme != "http" && url_.scheme != "https")
    throw std::invalid_argument("no client for " + url_.scheme + "://");
}

HttpCall::~HttpCall() {
  if (socket_ && parser_ && parser_->is_done() && parser_->keep_alive() &&
      buffer_.size() == 0)
    pool_->keep(url_, std::move(socket_));
}

void HttpCall::begin(const http::CallOptions& options) {
  socket_ = pool_->take(url_);
  if (socket_ && exchange(options)) return;
  const bool was_kept = socket_ != nullptr;
  if (was_kept && !may_repeat(options))
    throw std::system_error(
        std::make_error_code(std::errc::connection_reset),
        url_.authority() + " closed the connection before it answered");
  socket_ = dial(url_, pool_->options.tls.get(), pool_->options.connect_time);
  if (!exchange(options))
    throw http::BadResponse(url_.authority() + " closed without an answer");
}

bool HttpCall::may_repeat(const http::CallOptions& options) const {
  return !options.body_source && method_ != "POST" && method_ != "PATCH";
}

bool HttpCall::exchange(const http::CallOptions& options) {
  socket_->set_timeout(pool_->options.read_time);
  buffer_.clear();
  expect_head();
  try {
    send(options);
  } catch (const std::system_error& failed) {
    // A server may answer, and close, before it has read it all.
    if (failed.code() == std::errc::timed_out) throw;
  }
  return read_head();
}

void HttpCall::expect_head() {
  parser_.emplace();
  parser_->header_limit(static_cast<std::uint32_t>(pool_->options.header_size));
  parser_->body_limit(boost::none);
  if (method_ == "HEAD") parser_->skip(true);
}

void HttpCall::send(const http::CallOptions& options) {
  namespace bh = beast::http;
  bh::request<bh::span_body<const char>> request;
  request.method_string(beast_view(method_));
  check_text(url_.target, "the URL");
  request.target(url_.target);
  request.version(11);
  request.set(field::host, url_.authority());
  for (const auto* headers : {&pool_->options.headers, &options.headers})
    for (const auto& [name, value] : *headers) {
      check_text(name, "a header");
      check_text(value, "a header");
      request.set(name, value);
    }
  BeastStream stream(*socket_);
  if (!options.body_source) {
    request.body() = {options.body.data(), options.body.size()};
    const bool has_body = !options.body.empty() || method_ == "POST" ||
                          method_ == "PUT" || method_ == "PATCH";
    if (has_body) request.content_length(options.body.size());
    bh::write(stream, request);
    return;
  }
  bh::request<bh::buffer_body> chunked(std::move(request.base()));
  chunked.chunked(true);
  chunked.body().more = true;
  bh::request_serializer<bh::buffer_body> serializer(chunked);
  std::array<char, 16384> piece;  // NOLINT(*-member-init)
  while (chunked.body().more) {
    const auto count = options.body_source(piece);
    chunked.body().data = count == 0 ? nullptr : piece.data();
    chunked.body().size = count;
    chunked.body().more = count != 0;
    error_code failed;
    bh::write(stream, serializer, failed);
    if (failed && failed != error::need_buffer)
      throw boost::system::system_error(failed);
  }
}

bool HttpCall::read_head() {
  BeastStream stream(*socket_);
  for (;;) {
    error_code failed;
    beast::http::read_header(stream, buffer_, *parser_, failed);
    if (failed == error::end_of_stream ||
        failed == boost::asio::error::connection_reset ||
        failed == boost::asio::error::broken_pipe)
      return false;
    if (failed) throw_failed(failed, url_);
    // 100 Continue, 103 Early Hints: the answer is still to come.
    if (parser_->get().result_int() >= 200 ||
        parser_->get().result() == beast::http::status::switching_protocols)
      return true;
    expect_head();
  }
}

std::optional<std::string_view> HttpCall::header(std::string_view name) const {
  const auto found = parser_->get().find(beast_view(name));
  if (found == parser_->get().end()) return std::nullopt;
  return view(found->value());
}

http::Headers HttpCall::headers() const {
  http::Headers all;
  for (const auto& each : parser_->get())
    all.emplace_back(view(each.name_string()), view(each.value()));
  return all;
}

std::size_t HttpCall::read_body(std::span<char> buffer) {
  if (buffer.empty() || parser_->is_done()) return 0;
  auto& body = parser_->get().body();
  body.data = buffer.data();
  body.size = buffer.size();
  BeastStream stream(*socket_);
  while (body.size == buffer.size() && !parser_->is_done()) {
    error_code failed;
    beast::http::read_some(stream, buffer_, *parser_, failed);
    if (failed == error::need_buffer) break;
    if (failed) throw_failed(failed, url_);
  }
  return buffer.size() - body.size;
}

}  // namespace greenroom::detail
