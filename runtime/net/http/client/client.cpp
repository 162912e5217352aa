#include "client.hpp"

#include "../../../core/hub.hpp"
#include "../../../tasks/timeout.hpp"
#include "call.hpp"
#include "pool.hpp"

#include <boost/beast/core/string.hpp>

#include <array>
#include <system_error>

namespace greenroom::http {
namespace {

using detail::HttpCall;

// Thrown when CallOptions::limit passes.
std::exception_ptr timed_out(std::string_view url) {
  return std::make_exception_ptr(
      std::system_error(std::make_error_code(std::errc::timed_out),
                        "HTTP with " + std::string(url)));
}

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 ||
         status == 308;
}

bool is_secret(const std::pair<std::string, std::string>& header) {
  return boost::beast::iequals(header.first, "Authorization") ||
         boost::beast::iequals(header.first, "Cookie");
}

// The hub's own client, for get() and its like.
thread_local constinit Client* hubs_own = nullptr;

Client& client_here() {
  if (hubs_own == nullptr) {
    Hub::current().after_end([] {
      delete hubs_own;
      hubs_own = nullptr;
    });
    hubs_own = new Client;
  }
  return *hubs_own;
}

}  // namespace

std::optional<std::string_view> Answer::header(std::string_view name) const {
  for (const auto& [key, value] : headers)
    if (boost::beast::iequals(key, {name.data(), name.size()})) return value;
  return std::nullopt;
}

// ---- an answer as it comes

AnswerStream::AnswerStream(std::unique_ptr<HttpCall> call) noexcept
    : call_(std::move(call)) {}
AnswerStream::AnswerStream(AnswerStream&&) noexcept = default;
AnswerStream& AnswerStream::operator=(AnswerStream&&) noexcept = default;
AnswerStream::~AnswerStream() = default;

int AnswerStream::status() const { return call_->status(); }

std::optional<std::string_view> AnswerStream::header(
    std::string_view name) const {
  return call_->header(name);
}

Headers AnswerStream::headers() const { return call_->headers(); }

std::size_t AnswerStream::read_some(std::span<char> buffer) {
  return call_->read_body(buffer);
}

// ---- the client

Client::Client(ClientOptions options)
    : pool_(std::make_shared<detail::HttpPool>(std::move(options))) {}

Client::~Client() = default;

std::size_t Client::kept() const noexcept { return pool_->size(); }

AnswerStream Client::open(std::string_view method, std::string_view url,
                          const CallOptions& options) {
  Timeout limit(options.limit, timed_out(url));
  limit.start();
  auto call = std::make_unique<HttpCall>(pool_, method, Url::parse(url));
  call->begin(options);
  return AnswerStream(std::move(call));
}

Answer Client::request(std::string_view method, std::string_view url,
                       const CallOptions& options) {
  Timeout limit(options.limit, timed_out(url));
  limit.start();
  Url target = Url::parse(url);
  CallOptions redirected;
  const CallOptions* current = &options;
  for (int redirects = 0;; ++redirects) {
    HttpCall call(pool_, method, target);
    call.begin(*current);

    Answer answer{call.status(),
                  call.headers(),
                  {},
                  target.scheme + "://" + target.authority() + target.target};
    std::array<char, 16384> piece;  // NOLINT(*-member-init)
    while (const auto count = call.read_body(piece)) {
      if (answer.body.size() + count > pool_->options.body_size)
        throw BadResponse("the body of " + answer.url +
                          " is longer than ClientOptions::body_size");
      answer.body.append(piece.data(), count);
    }

    const auto location = answer.header("Location");
    const bool may_follow =
        method == "GET" || method == "HEAD" || (answer.status == 303);
    if (!is_redirect(answer.status) || !location || !may_follow ||
        pool_->options.redirects == 0)
      return answer;
    if (redirects == pool_->options.redirects)
      throw BadResponse("more than " + std::to_string(redirects) +
                        " redirects, the last one to " +
                        std::string(*location));
    const Url next = target.resolve(*location);
    // Without the body: the first server has taken it. Secret headers go to no
    // other server.
    redirected.headers = current->headers;
    if (next.authority() != target.authority())
      std::erase_if(redirected.headers, is_secret);
    current = &redirected;
    target = next;
    if (answer.status == 303 && method != "HEAD") method = "GET";
  }
}

Answer get(std::string_view url, const CallOptions& options) {
  return client_here().get(url, options);
}

Answer post(std::string_view url, std::string body, CallOptions options) {
  return client_here().post(url, std::move(body), std::move(options));
}

Answer request(std::string_view method, std::string_view url,
               const CallOptions& options) {
  return client_here().request(method, url, options);
}

}  // namespace greenroom::http
