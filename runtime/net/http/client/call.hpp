// An HttpCall is one request of an http::Client and its answer. Boost.Beast
// writes and parses.
//
// Thread rule: owning hub only.
#pragma once

#include "../beast_stream.hpp"
#include "client.hpp"
#include "pool.hpp"

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

namespace greenroom::detail {

class HttpCall {
 public:
  using Parser =
      boost::beast::http::response_parser<boost::beast::http::buffer_body>;

  HttpCall(std::shared_ptr<HttpPool> pool, std::string_view method,
           http::Url url);
  HttpCall(const HttpCall&) = delete;
  HttpCall& operator=(const HttpCall&) = delete;
  /// Keeps the connection if the answer was read to its end.
  ~HttpCall();

  /// Sends the request and reads the head of the answer. If the server closes a
  /// kept connection instead of answering, tries once more on a new one, if the
  /// request can be sent again.
  void begin(const http::CallOptions& options);

  [[nodiscard]] int status() const {
    return static_cast<int>(parser_->get().result_int());
  }
  [[nodiscard]] std::optional<std::string_view> header(
      std::string_view name) const;
  [[nodiscard]] http::Headers headers() const;
  std::size_t read_body(std::span<char> buffer);
  [[nodiscard]] const http::Url& url() const noexcept { return url_; }

 private:
  /// False: the connection ended before the first byte of an answer.
  bool exchange(const http::CallOptions& options);
  void expect_head();
  void send(const http::CallOptions& options);
  bool read_head();
  [[nodiscard]] bool may_repeat(const http::CallOptions& options) const;

  const std::shared_ptr<HttpPool> pool_;
  const std::string_view method_;
  const http::Url url_;
  std::unique_ptr<net::Socket> socket_;
  boost::beast::flat_buffer buffer_;
  std::optional<Parser> parser_;
};

}  // namespace greenroom::detail
