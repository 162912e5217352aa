// An http::Client sends requests to servers, and keeps connections for the next
// requests.
//
//   auto page = http::get("http://127.0.0.1:8088/");
//   if (page.status == 200) std::cout << page.body;
//
// Thread rule: owning hub only. Any number of greenlets may ask at once, each
// on a connection of its own.
// Kill and Timeout: the request ends, and its connection with it.
// Throws: std::system_error for failures of the network (ETIMEDOUT when a limit
// passes; of tls_category() if an https server is not trusted), BadResponse for
// an answer that is not HTTP or is too large, std::invalid_argument for what is
// not a URL, or for https where greenroom was built without TLS.
#pragma once

#include "../../../core/clock.hpp"
#include "../../../core/export.hpp"
#include "../../../core/std_parts.hpp"
#include "../url.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace greenroom {
namespace detail {
class HttpCall;
class HttpPool;
}  // namespace detail
namespace net {
class TlsContext;
}  // namespace net

namespace http {

/// The server's answer is not HTTP, is too large, or redirects too often.
class GREENROOM_API BadResponse : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Name and value of each header line, in order.
using Headers = std::vector<std::pair<std::string, std::string>>;

/// An answer, read to its end.
struct GREENROOM_API Answer {
  /// 200, for example.
  int status = 0;
  /// In the order in which they came.
  Headers headers{};
  /// All of it; chunks are put together.
  std::string body{};
  /// Where it came from, after redirects.
  std::string url{};

  /// The first header of that name; case does not matter. None if there is
  /// none.
  [[nodiscard]] std::optional<std::string_view> header(
      std::string_view name) const;
};

/// What one request brings along, and how long it may take.
struct CallOptions {
  /// Sent with this request. Each replaces what ClientOptions has of its name.
  Headers headers{};
  /// Sent with its length.
  std::string body{};
  /// Used instead of `body`: fills the buffer and returns how many bytes, 0 at
  /// the end. The body is sent in chunks. May park.
  std::function<std::size_t(std::span<char>)> body_source{};
  /// For the whole request, redirects included.
  Duration limit = forever;
};

/// An answer that is read as it comes.
class GREENROOM_API AnswerStream {
 public:
  /// Client::open() makes them.
  explicit AnswerStream(std::unique_ptr<detail::HttpCall> call) noexcept;
  AnswerStream(AnswerStream&&) noexcept;
  AnswerStream& operator=(AnswerStream&&) noexcept;
  /// A connection whose answer was not read to its end is closed.
  ~AnswerStream();

  /// 200, for example.
  [[nodiscard]] int status() const;
  /// As Answer::header(). Valid as long as the stream.
  [[nodiscard]] std::optional<std::string_view> header(
      std::string_view name) const;
  /// All of them, in the order in which they came.
  [[nodiscard]] Headers headers() const;
  /// Reads what is there of the body; parks until there is something. 0 at its
  /// end.
  [[nodiscard]] std::size_t read_some(std::span<char> buffer);

 private:
  std::unique_ptr<detail::HttpCall> call_;
};

/// What a Client does with every request.
struct ClientOptions {
  /// Sent with each request.
  Headers headers{};
  /// Followed for GET and HEAD, and for 303 with GET instead.
  int redirects = 10;
  /// The most for the header of an answer, in bytes.
  std::size_t header_size = std::size_t{64} * 1024;
  /// The most for its body, in bytes, where that is read as a whole.
  std::uint64_t body_size = std::uint64_t{64} * 1024 * 1024;
  /// How long it may take to connect.
  Duration connect_time = std::chrono::seconds(10);
  /// How long it may take to get the next piece of an answer.
  Duration read_time = std::chrono::seconds(60);
  /// How many connections are kept for each server.
  std::size_t kept_connections = 8;
  /// How long a connection is kept.
  Duration keep_time = std::chrono::seconds(30);
  /// For https: a client's context. Null: one that trusts whom the system
  /// trusts.
  std::shared_ptr<const net::TlsContext> tls{};
};

class GREENROOM_API Client {
 public:
  /// Belongs to the calling thread's hub. Connects to nobody yet.
  explicit Client(ClientOptions options = {});
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  /// Closes the connections that are kept.
  ~Client();

  /// request() with GET.
  Answer get(std::string_view url, const CallOptions& options = {}) {
    return request("GET", url, options);
  }
  /// request() with HEAD: the answer has no body.
  Answer head(std::string_view url, const CallOptions& options = {}) {
    return request("HEAD", url, options);
  }
  /// request() with POST, and this body.
  Answer post(std::string_view url, std::string body,
              CallOptions options = {}) {
    options.body = std::move(body);
    return request("POST", url, options);
  }
  /// Any method. Parks until the answer is there to its end.
  Answer request(std::string_view method, std::string_view url,
                 const CallOptions& options = {});
  /// Parks until the head of the answer is there. Follows no redirect;
  /// `options.limit` ends with the head.
  AnswerStream open(std::string_view method, std::string_view url,
                    const CallOptions& options = {});

  /// How many connections are kept.
  [[nodiscard]] std::size_t kept() const noexcept;

 private:
  std::shared_ptr<detail::HttpPool> pool_;
};

/// Client::get(), with a client that belongs to the hub.
GREENROOM_API Answer get(std::string_view url, const CallOptions& options = {});
/// Client::post(), with that client.
GREENROOM_API Answer post(std::string_view url, std::string body,
                          CallOptions options = {});
/// Client::request(), with that client.
GREENROOM_API Answer request(std::string_view method, std::string_view url,
                             const CallOptions& options = {});

}  // namespace http
}  // namespace greenroom
