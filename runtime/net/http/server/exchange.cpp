#include "exchange.hpp"

#include "date.hpp"
#include "request_rules.hpp"

#include <boost/beast/core/string.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/field.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <boost/beast/http/write.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
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

// To keep the connection, at most so much of an unread body is read.
constexpr std::uint64_t kSkippedBody = std::uint64_t{256} * 1024;

// A chunk's size line with its extensions, and all trailers, in bytes.
constexpr std::size_t kChunkHeader = std::size_t{8} * 1024;
// The shortest way to end a chunked body: "0", and two line ends.
constexpr std::size_t kShortestEnd = 5;

constexpr std::size_t kReadAtOnce = std::size_t{8} * 1024;

constexpr std::uint64_t kNothing = 0;

// What the client is told about an error of the parser.
[[noreturn]] void throw_as_http(const error_code& failed) {
  if (failed == error::header_limit)
    throw HttpError(431, "the header is too long\n");
  if (failed == error::body_limit)
    throw HttpError(413, "the body is too long\n");
  throw HttpError(400, "no HTTP: " + failed.message() + "\n");
}

// The value of a handler's Content-Length.
std::uint64_t parse_length(beast::string_view text) {
  std::uint64_t length = 0;
  const char* end = text.data() + text.size();
  const auto [used, failed] = std::from_chars(text.data(), end, length);
  if (failed != std::errc() || used != end)
    throw std::invalid_argument("not a Content-Length: '" + std::string(text) +
                                "'");
  return length;
}

}  // namespace

HttpExchange::HttpExchange(net::Socket& socket, beast::flat_buffer& buffer,
                           const net::Endpoint& peer,
                           const http::Limits& limits)
    : socket_(socket),
      stream_(socket),
      buffer_(buffer),
      peer_(peer),
      limits_(limits),
      scan_(limits) {
  // The scan checks the limit before the parser sees the header.
  parser_.header_limit(std::numeric_limits<std::uint32_t>::max());
  parser_.body_limit(limits.body_size);
  answer_.version(11);
  answer_.result(200);
}

// ---- the request

std::size_t HttpExchange::parse_header(std::string_view input) {
  const std::size_t size = scan_.find_end(input);
  if (size == 0) return 0;
  const std::size_t empty = skip_empty_lines(input);
  error_code failed;
  parser_.put(boost::asio::buffer(input.data() + empty, size - empty), failed);
  if (failed) throw_as_http(failed);
  check_request(request(), limits_);

  keeps_alive_ = request().keep_alive();
  const auto expect = request()[field::expect];
  expects_continue_ = request().version() == 11 && !parser_.is_done() &&
                      beast::iequals(expect, "100-continue");
  return size;
}

std::size_t HttpExchange::read_body(std::span<char> buffer) {
  if (body_error_) throw HttpError(*body_error_);
  if (buffer.empty() || parser_.is_done()) return 0;
  if (std::exchange(expects_continue_, false) && !has_begun_) send_continue();

  auto& body = parser_.get().body();
  body.data = buffer.data();
  body.size = buffer.size();
  try {
    bool wants_more = buffer_.size() == 0;
    while (body.size == buffer.size() && !parser_.is_done()) {
      if (wants_more) read_more();
      if (!parse_body(wants_more)) break;
    }
  } catch (const HttpError& error) {
    keeps_alive_ = false;
    body_error_ = error;
    throw;
  }
  return buffer.size() - body.size;
}

void HttpExchange::send_continue() {
  socket_.set_timeout(limits_.write_time);
  std::error_code failed;
  socket_.write("HTTP/1.1 100 Continue\r\n\r\n", failed);
  if (!failed) return;
  is_gone_ = true;
  throw ClientGone(failed.message());
}

// One step: a chunk's header, or a piece of the body. False: there is no more
// room for the body.
bool HttpExchange::parse_body(bool& wants_more) {
  const auto room = parser_.get().body().size;
  error_code failed;
  const auto used = parser_.put(buffer_.data(), failed);
  buffer_.consume(used);
  if (failed == error::need_buffer) return false;
  if (failed && failed != error::need_more) throw_as_http(failed);
  if (parser_.chunked() && room == parser_.get().body().size &&
      std::max(used, buffer_.size()) > kChunkHeader &&
      (used > kChunkHeader || failed))
    throw HttpError(400, "the header of a chunk is too long\n");
  wants_more = failed == error::need_more || buffer_.size() == 0;
  return true;
}

// Reads until the parser can go on. While it wants more, the end of the body is
// still to come, and Beast asserts that it does not see half of that end twice.
void HttpExchange::read_more() {
  socket_.set_timeout(limits_.body_time);
  const bool has_some = buffer_.size() != 0;
  do {
    const auto space = buffer_.prepare(kReadAtOnce);
    std::error_code failed;
    const auto count = socket_.read_some(
        std::span(static_cast<char*>(space.data()), space.size()), failed);
    if (failed == std::errc::timed_out) throw HttpError(408);
    if (failed || count == 0) {
      is_gone_ = true;
      keeps_alive_ = false;
      throw ClientGone(failed ? failed.message() : "half a body");
    }
    buffer_.commit(count);
  } while (has_some && buffer_.size() < kShortestEnd);
}

std::size_t HttpExchange::read_ahead(std::error_code& error) {
  const auto space = buffer_.prepare(kReadAtOnce);
  const auto count = socket_.read_now(
      std::span(static_cast<char*>(space.data()), space.size()), error);
  buffer_.commit(count);
  return count;
}

bool HttpExchange::skip_body() {
  if (parser_.is_done()) return true;
  // A client that waits for a 100 which never comes may send the body or not.
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
    throw std::invalid_argument("not a status of an answer: " +
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
  check_may_have_body(body);
  begin(body.size());
  put(body, false);
}

void HttpExchange::write(std::string_view piece) {
  if (is_gone_) throw ClientGone("the client has gone");
  if (has_ended_) throw std::logic_error("the answer has ended already");
  check_may_have_body(piece);
  if (!has_begun_) begin(std::nullopt);
  if (left_ && piece.size() > *left_) {
    cut();
    throw std::length_error("the body is longer than its Content-Length");
  }
  put(piece, true);
}

void HttpExchange::check_may_have_body(std::string_view body) const {
  if (!body.empty() && (status() == 204 || status() == 304))
    throw std::logic_error("an answer of " + std::to_string(status()) +
                           " has no body");
}

void HttpExchange::begin(std::optional<std::uint64_t> length) {
  const bool may_have_length = status() != 204 && status() != 304;
  const auto declared = answer_.find(field::content_length);
  if (!length && declared != answer_.end())
    length = parse_length(declared->value());
  left_ = length;
  if (!may_have_length) {
    answer_.erase(field::content_length);
  } else if (length) {
    answer_.content_length(*length);
  } else if (request().version() == 11) {
    answer_.chunked(true);
  } else {
    keeps_alive_ = false;  // the end of the connection is the end of the body
  }
  // A client that waits for a 100 which never comes may send the body or not.
  if (expects_continue_ ||
      beast::http::token_list(answer_[field::connection]).exists("close"))
    keeps_alive_ = false;
  if (!keeps_alive_)
    answer_.set(field::connection, "close");
  else if (request().version() == 10)
    answer_.set(field::connection, "keep-alive");
  if (answer_.find(field::date) == answer_.end())
    answer_.set(field::date, http_date());

  has_begun_ = true;
  serializer_.emplace(answer_);
}

// Sends the next piece of the body; the first one together with the header.
void HttpExchange::put(std::string_view piece, bool more) {
  // If an exception (a kill) leaves this function, the answer was cut in the
  // middle.
  const bool keeps_alive = keeps_alive_;
  cut();
  socket_.set_timeout(limits_.write_time);
  error_code failed;
  const bool has_body = !has_no_body();
  answer_.body().data = nullptr;
  answer_.body().more = true;
  if (has_body && !(more && piece.empty())) {
    answer_.body().data = const_cast<char*>(piece.data());
    answer_.body().size = piece.size();
    answer_.body().more = more;
    beast::http::write(stream_, *serializer_, failed);
  } else if (!serializer_->is_header_done()) {
    serializer_->split(true);
    beast::http::write_header(stream_, *serializer_, failed);
  }
  if (failed && failed != error::need_buffer) {
    is_gone_ = true;
    throw ClientGone(failed.message());
  }
  keeps_alive_ = keeps_alive;
  has_ended_ = !more;
  if (!has_body) return;
  if (left_) *left_ -= piece.size();
  sent_ += piece.size();
}

// Nothing more of this answer is sent.
void HttpExchange::cut() noexcept {
  keeps_alive_ = false;
  has_ended_ = true;
}

bool HttpExchange::finish() {
  if (is_gone_) return false;
  if (!has_begun_) {
    const bool is_head = request().method() == beast::http::verb::head;
    const bool has_length = answer_.count(field::content_length) != 0;
    begin(is_head && has_length ? std::nullopt : std::optional(kNothing));
    put({}, false);
  }
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
  if (has_begun_) {
    cut();
    return;
  }
  answer_.clear();
  answer_.result(static_cast<unsigned>(status));
  answer_.set(field::content_type, "text/plain; charset=utf-8");
  send(text);
}

}  // namespace greenroom::detail
