// An HttpExchange is one request and its answer, on one connection. It does the
// work of a Request and a Response. Boost.Beast parses and writes.
//
// Thread rule: owning hub only.
#pragma once

#include "../../endpoint.hpp"
#include "../../socket.hpp"
#include "../beast_stream.hpp"
#include "head_scan.hpp"
#include "limits.hpp"
#include "request.hpp"

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/serializer.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>

namespace greenroom::detail {

// Beast's parser would add the trailers of a body to the headers, which have
// been checked and used by then.
class HttpRequestParser final : public boost::beast::http::request_parser<
                                    boost::beast::http::buffer_body> {
  void on_field_impl(boost::beast::http::field name,
                     boost::beast::string_view text,
                     boost::beast::string_view value,
                     boost::system::error_code& /*error*/) override {
    if (!is_header_done()) get().insert(name, text, value);
  }
};

class HttpExchange {
 public:
  using Parser = HttpRequestParser;
  using Fields = boost::beast::http::fields;

  /// `buffer` holds what was read and not used yet.
  HttpExchange(net::Socket& socket, boost::beast::flat_buffer& buffer,
               const net::Endpoint& peer, const http::Limits& limits);
  HttpExchange(const HttpExchange&) = delete;
  HttpExchange& operator=(const HttpExchange&) = delete;
  ~HttpExchange() = default;

  // ---- the request

  /// Takes the header from the front of `input`, and returns its length in
  /// bytes. 0: its end is not there yet; then call again with the same and more
  /// behind it. Throws HttpError.
  std::size_t parse_header(std::string_view input);
  [[nodiscard]] const Parser::value_type& request() const {
    return parser_.get();
  }
  [[nodiscard]] const net::Endpoint& peer() const noexcept { return peer_; }
  std::size_t read_body(std::span<char> buffer);
  [[nodiscard]] std::uint64_t body_limit() const noexcept {
    return limits_.body_size;
  }
  /// Reads what has come behind the header, without parking, and keeps it for
  /// later. As Socket::read_now().
  std::size_t read_ahead(std::error_code& error);
  /// Reads the rest of the body, if it is short, so that the next request can
  /// follow. False: it cannot.
  bool skip_body();

  // ---- the answer

  [[nodiscard]] int status() const noexcept {
    return static_cast<int>(answer_.result_int());
  }
  void set_status(int status);
  [[nodiscard]] Fields& headers();
  void send(std::string_view body);
  void write(std::string_view piece);
  /// Ends the answer. False: the connection has to end, because the client has
  /// no other way to know where the answer ends.
  bool finish();
  /// From now on the handler itself uses the socket, and what was read behind
  /// the header, which this returns. `status` is for the log.
  [[nodiscard]] boost::beast::flat_buffer take_over(int status);
  /// Answers with this instead of what the handler wanted, if nothing was sent
  /// yet. If something was, the answer ends right there, and the client can
  /// tell.
  void fail(int status, std::string_view text);

  [[nodiscard]] bool has_begun() const noexcept { return has_begun_; }
  [[nodiscard]] bool keeps_alive() const noexcept { return keeps_alive_; }
  void close_connection() noexcept { keeps_alive_ = false; }
  [[nodiscard]] std::uint64_t sent() const noexcept { return sent_; }
  [[nodiscard]] net::Socket& socket() noexcept { return socket_; }

 private:
  using Answer = boost::beast::http::response<boost::beast::http::buffer_body>;
  using Serializer =
      boost::beast::http::response_serializer<boost::beast::http::buffer_body>;

  void send_continue();
  bool parse_body(bool& wants_more);
  void read_more();
  void cut() noexcept;
  void check_may_have_body(std::string_view body) const;
  void begin(std::optional<std::uint64_t> length);
  void put(std::string_view piece, bool more);
  [[nodiscard]] bool has_no_body() const;

  net::Socket& socket_;
  BeastStream stream_;
  boost::beast::flat_buffer& buffer_;
  const net::Endpoint& peer_;
  const http::Limits& limits_;
  HttpHeadScan scan_;
  Parser parser_;
  std::optional<http::HttpError> body_error_;  // thrown again at each read
  Answer answer_;
  std::optional<Serializer> serializer_;
  std::optional<std::uint64_t> left_;  // of a body of declared length
  std::uint64_t sent_ = 0;             // bytes of the body
  bool expects_continue_ = false;
  bool has_begun_ = false;
  bool has_ended_ = false;  // or was cut
  bool is_gone_ = false;    // the client
  bool keeps_alive_ = true;
};

}  // namespace greenroom::detail
