#include "greenroom/runtime/net/http/exchange.hpp"

#include "greenroom/runtime/net/http/date.hpp"
#include "greenroom/runtime/net/http/request.hpp"

#include <boost/beast/core/string.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/field.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <boost/beast/http/write.hpp>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

namespace greenroom::detail {
namespace {

namespace beast = boost::beast;
using beast::http::error;
using beast::http::field;
using boost::system::error_code;
using http::ClientGone;
using http::HttpError;

// More of an unread body is not worth reading to keep the connection.
constexpr std::uint64_t kSkippedBody = std::uint64_t{256} * 1024;

// What an error of the parser, or of the socket below it, is to the client.
[[noreturn]] void throw_as_http(const error_code& failed) {
  if (failed == error::header_limit)
    throw HttpError(431, "the header is too long\n");
  if (failed == error::body_limit)
    throw HttpError(413, "the body is too long\n");
  if (failed == std::errc::timed_out) throw HttpError(408);
  if (failed == error::end_of_stream || failed == error::partial_message ||
      failed.category() != make_error_code(error::bad_field).category())
    throw ClientGone(failed.message());
  throw HttpError(400, "no HTTP: " + failed.message() + "\n");
}

bool is_folded(std::string_view raw) {
  for (auto at = raw.find("\r\n"); at != std::string_view::npos;
       at = raw.find("\r\n", at + 2))
    if (at + 2 < raw.size() && (raw[at + 2] == ' ' || raw[at + 2] == '\t'))
      return true;
  return false;
}

bool is_target(std::string_view target) {
  return !target.empty() &&
         std::none_of(target.begin(), target.end(), [](char c) {
           return static_cast<unsigned char>(c) <= ' ' || c == 0x7f;
         });
}

}  // namespace

HttpExchange::HttpExchange(net::StreamSocket& socket,
                           beast::flat_buffer& buffer,
                           const net::Endpoint& peer,
                           const http::Limits& limits)
    : socket_(socket),
      stream_(socket),
      buffer_(buffer),
      peer_(peer),
      limits_(limits) {
  parser_.header_limit(static_cast<std::uint32_t>(limits.header_size));
  parser_.body_limit(limits.body_size);
  answer_.version(11);
  answer_.result(200);
}

// ---- the request

std::size_t HttpExchange::parse_header(std::string_view input) {
  error_code failed;
  const std::size_t used =
      parser_.put(boost::asio::buffer(input.data(), input.size()), failed);
  if (failed == error::need_more) return 0;
  if (failed) throw_as_http(failed);
  check_header(input.substr(0, used));

  keeps_alive_ = request().keep_alive();
  const auto expect = request()[field::expect];
  expects_continue_ =
      request().version() == 11 && beast::iequals(expect, "100-continue");
  return used;
}

// What Beast lets pass, and what could make two servers disagree on where a
// request ends (RFC 9112, 11.2: request smuggling).
void HttpExchange::check_header(std::string_view raw) const {
  const auto& message = request();
  if (message.version() != 10 && message.version() != 11)
    throw HttpError(505, "HTTP/1.0 or HTTP/1.1, please\n");
  if (is_folded(raw)) throw HttpError(400, "folded header lines\n");
  if (message.target().size() > limits_.target_size) throw HttpError(414);
  if (!is_target({message.target().data(), message.target().size()}))
    throw HttpError(400, "no target\n");

  std::size_t count = 0;
  std::size_t hosts = 0;
  std::size_t lengths = 0;
  std::size_t codings = 0;
  for (const auto& header : message) {
    ++count;
    hosts += header.name() == field::host ? 1U : 0U;
    lengths += header.name() == field::content_length ? 1U : 0U;
    codings += header.name() == field::transfer_encoding ? 1U : 0U;
  }
  if (count > limits_.header_count)
    throw HttpError(431, "too many header lines\n");
  if (hosts > 1 || (hosts == 0 && message.version() == 11))
    throw HttpError(400, "one Host, please\n");
  if (lengths > 1 || (lengths == 1 && codings != 0))
    throw HttpError(400, "more than one length\n");
  if (codings != 0 &&
      (codings > 1 || message.version() == 10 ||
       !beast::iequals(message[field::transfer_encoding], "chunked")))
    throw HttpError(message.version() == 10 ? 400 : 501,
                    "no transfer coding but chunked, please\n");
}

std::size_t HttpExchange::read_body(std::span<char> buffer) {
  if (buffer.empty() || parser_.is_done()) return 0;
  if (std::exchange(expects_continue_, false) && !has_begun_)
    socket_.write("HTTP/1.1 100 Continue\r\n\r\n");

  auto& body = parser_.get().body();
  body.data = buffer.data();
  body.size = buffer.size();
  socket_.set_timeout(limits_.body_time);
  while (body.size == buffer.size() && !parser_.is_done()) {
    error_code failed;
    beast::http::read_some(stream_, buffer_, parser_, failed);
    if (failed == error::need_buffer) break;
    if (!failed) continue;
    keeps_alive_ = false;
    throw_as_http(failed);
  }
  return buffer.size() - body.size;
}

bool HttpExchange::skip_body() {
  if (parser_.is_done()) return true;
  // Told to wait for a 100 that never came, it may send the body or not.
  if (expects_continue_) return false;
  std::array<char, 4096> nowhere;  // NOLINT(*-member-init)
  for (std::uint64_t skipped = 0; !parser_.is_done();) {
    skipped += read_body(nowhere);
    if (skipped > kSkippedBody) return false;
  }
  return true;
}

// ---- the answer

void HttpExchange::set_status(int status) {
  if (has_begun_) throw std::logic_error("the status was sent already");
  if (status < 200 || status > 599)
    throw std::invalid_argument("no status of an answer: " +
                                std::to_string(status));
  answer_.result(static_cast<unsigned>(status));
}

HttpExchange::Fields& HttpExchange::headers() {
  if (has_begun_) throw std::logic_error("the headers were sent already");
  return answer_;
}

bool HttpExchange::has_no_body() const {
  return status() == 204 || status() == 304 ||
         request().method() == beast::http::verb::head;
}

void HttpExchange::send(std::string_view body) {
  if (has_begun_) throw std::logic_error("the answer has begun already");
  begin(body.size());
  put(body, false);
}

void HttpExchange::write(std::string_view piece) {
  if (!has_begun_) begin(std::nullopt);
  if (left_ && piece.size() > *left_) {
    keeps_alive_ = false;
    throw std::length_error("the body is longer than its Content-Length");
  }
  put(piece, true);
}

void HttpExchange::begin(std::optional<std::uint64_t> length) {
  const bool may_have_length = status() != 204 && status() != 304;
  const auto declared = answer_.find(field::content_length);
  if (!length && declared != answer_.end())
    length = std::stoull(std::string(declared->value()));
  left_ = length;
  if (!may_have_length) {
    answer_.erase(field::content_length);
  } else if (length) {
    answer_.content_length(*length);
  } else if (request().version() == 11) {
    if (request().method() != beast::http::verb::head) answer_.chunked(true);
  } else {
    keeps_alive_ = false;  // the end of the connection is the end of the body
  }
  if (!parser_.is_done() && expects_continue_) keeps_alive_ = false;
  if (!keeps_alive_)
    answer_.set(field::connection, "close");
  else if (request().version() == 10)
    answer_.set(field::connection, "keep-alive");
  if (answer_.find(field::date) == answer_.end())
    answer_.set(field::date, http_date());

  has_begun_ = true;
  serializer_.emplace(answer_);
  socket_.set_timeout(limits_.write_time);
}

// The next piece of the body; the first one together with the header.
void HttpExchange::put(std::string_view piece, bool more) {
  error_code failed;
  if (has_no_body()) {
    if (!serializer_->is_header_done()) {
      serializer_->split(true);
      beast::http::write_header(stream_, *serializer_, failed);
    }
  } else if (more && piece.empty()) {
    if (!serializer_->is_header_done()) {
      answer_.body().data = nullptr;
      answer_.body().more = true;
      serializer_->split(true);
      beast::http::write_header(stream_, *serializer_, failed);
    }
  } else {
    answer_.body().data = const_cast<char*>(piece.data());
    answer_.body().size = piece.size();
    answer_.body().more = more;
    beast::http::write(stream_, *serializer_, failed);
    if (left_) *left_ -= piece.size();
    sent_ += piece.size();
  }
  has_ended_ = !more;
  if (!failed || failed == error::need_buffer) return;
  keeps_alive_ = false;
  has_ended_ = true;
  throw ClientGone(failed.message());
}

bool HttpExchange::finish() {
  if (!has_begun_) send({});
  if (!has_ended_ && !has_no_body()) {
    if (left_ && *left_ != 0) return false;  // promised more
    if (!left_) put({}, false);
  }
  return keeps_alive_;
}

beast::flat_buffer HttpExchange::take_over(int status) {
  if (has_begun_) throw std::logic_error("the answer has begun already");
  answer_.result(static_cast<unsigned>(status));
  has_begun_ = true;
  has_ended_ = true;
  keeps_alive_ = false;
  return std::exchange(buffer_, beast::flat_buffer());
}

void HttpExchange::fail(int status, std::string_view text) {
  keeps_alive_ = false;
  if (has_begun_) return;
  answer_.clear();
  answer_.result(static_cast<unsigned>(status));
  answer_.set(field::content_type, "text/plain; charset=utf-8");
  send(text);
}

}  // namespace greenroom::detail
