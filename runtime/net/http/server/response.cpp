#include "response.hpp"

#include "../../../core/greenlet.hpp"
#include "../../../core/hub.hpp"
#include "../../../tasks/spawn.hpp"
#include "../../io_watcher.hpp"
#include "../head_text.hpp"
#include "exchange.hpp"
#include "request.hpp"

#include <boost/beast/core/string.hpp>

#include <algorithm>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <system_error>

namespace greenroom::http {
namespace {

using detail::beast_view;

bool is_token(std::string_view name) {
  constexpr std::string_view kOthers = "!#$%&'*+-.^_`|~";
  return !name.empty() && std::all_of(name.begin(), name.end(), [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
           (c >= 'A' && c <= 'Z') || kOthers.find(c) != std::string_view::npos;
  });
}

void check(std::string_view name, std::string_view value) {
  if (!is_token(name))
    throw std::invalid_argument("not a header name: '" + std::string(name) +
                                "'");
  if (detail::has_control(value))
    throw std::invalid_argument("a control character in the value of header " +
                                std::string(name));
  if (boost::beast::iequals(beast_view(name), "Transfer-Encoding"))
    throw std::invalid_argument("the server sets Transfer-Encoding itself");
}

}  // namespace

void Response::set_status(int status) { exchange_.set_status(status); }

int Response::status() const { return exchange_.status(); }

void Response::set_header(std::string_view name, std::string_view value) {
  check(name, value);
  exchange_.headers().set(beast_view(name), beast_view(value));
}

void Response::add_header(std::string_view name, std::string_view value) {
  check(name, value);
  exchange_.headers().insert(beast_view(name), beast_view(value));
}

void Response::send(std::string_view body, std::string_view content_type) {
  auto& headers = exchange_.headers();
  if (headers.find(boost::beast::http::field::content_type) == headers.end())
    set_header("Content-Type", content_type);
  exchange_.send(body);
}

void Response::write(std::string_view piece) { exchange_.write(piece); }

bool Response::has_begun() const { return exchange_.has_begun(); }

void Response::close_connection() { exchange_.close_connection(); }

// Waits for the client's end. If data arrive instead, it keeps them for the
// next request and stops looking.
class WhileConnected::Watch final : public WaitNode {
 public:
  explicit Watch(greenroom::detail::HttpExchange& exchange)
      : exchange_(exchange),
        watcher_(exchange.socket().watcher()),
        use_(watcher_),
        greenlet_(&current()) {
    listen();
  }

  void notified() noexcept override {
    std::error_code error;
    if (exchange_.read_ahead(error) != 0) return;
    if (error == std::errc::operation_would_block) {
      listen();
      return;
    }
    greenlet_->kill_soon(
        std::make_exception_ptr(ClientGone("the client has gone")));
  }

 private:
  void listen() noexcept {
    watcher_.arm(net::Direction::read);
    watcher_.waiters(net::Direction::read).add(*this);
  }

  greenroom::detail::HttpExchange& exchange_;
  greenroom::detail::IoWatcher& watcher_;
  greenroom::detail::IoWatcher::Use use_;
  const GreenletPtr greenlet_;
};

WhileConnected::WhileConnected(Response& response)
    : watch_(std::make_unique<Watch>(response.exchange_)) {}

WhileConnected::~WhileConnected() = default;

}  // namespace greenroom::http
