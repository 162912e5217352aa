#include "greenroom/runtime/net/http/response.hpp"

#include "greenroom/runtime/greenlet.hpp"
#include "greenroom/runtime/hub.hpp"
#include "greenroom/runtime/net/http/exchange.hpp"
#include "greenroom/runtime/net/http/request.hpp"
#include "greenroom/runtime/spawn.hpp"

#include <boost/beast/core/string.hpp>

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>

namespace greenroom::http {
namespace {

boost::beast::string_view beast_view(std::string_view text) {
  return {text.data(), text.size()};
}

bool is_token(std::string_view name) {
  constexpr std::string_view kOthers = "!#$%&'*+-.^_`|~";
  return !name.empty() && std::all_of(name.begin(), name.end(), [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
           (c >= 'A' && c <= 'Z') || kOthers.find(c) != std::string_view::npos;
  });
}

// A line break in a header would begin another one, or the body.
void check(std::string_view name, std::string_view value) {
  if (!is_token(name))
    throw std::invalid_argument("no name of a header: '" + std::string(name) +
                                "'");
  const bool breaks = std::any_of(value.begin(), value.end(), [](char c) {
    return (static_cast<unsigned char>(c) < ' ' && c != '\t') || c == 0x7f;
  });
  if (breaks)
    throw std::invalid_argument("a control character in the value of header " +
                                std::string(name));
  if (boost::beast::iequals(beast_view(name), "Transfer-Encoding"))
    throw std::invalid_argument("the server sees to Transfer-Encoding itself");
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

// Hears of everything that arrives on the socket, until something other than
// the end does: then what follows cannot be seen.
class WhileConnected::Watch final : public WaitNode {
 public:
  explicit Watch(net::StreamSocket& socket)
      : socket_(socket), use_(socket.watcher()), greenlet_(&current()) {
    listen();
  }

  void notified() noexcept override {
    char next = 0;
    const auto count = ::recv(socket_.native_handle(), &next, 1, MSG_PEEK);
    if (count > 0) return;
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) {
      listen();
      return;
    }
    greenlet_->kill_soon(
        std::make_exception_ptr(ClientGone("the client has gone")));
  }

 private:
  void listen() noexcept {
    socket_.watcher().arm(net::Direction::read);
    socket_.watcher().waiters(net::Direction::read).add(*this);
  }

  net::StreamSocket& socket_;
  greenroom::detail::IoWatcher::Use use_;
  const GreenletPtr greenlet_;
};

WhileConnected::WhileConnected(Response& response)
    : watch_(std::make_unique<Watch>(response.exchange_.socket())) {}

WhileConnected::~WhileConnected() = default;

}  // namespace greenroom::http
