#include "connection.hpp"

#include "../../../core/deadline.hpp"
#include "../../../core/label.hpp"
#include "exchange.hpp"
#include "head_scan.hpp"
#include "service.hpp"
#if defined(GREENROOM_TLS)
#include "../../tls/tls_socket.hpp"
#endif

#include <boost/asio/buffer.hpp>

#include <array>
#include <chrono>
#include <span>
#include <string>
#include <system_error>
#include <utility>

namespace greenroom::detail {
namespace {

// How much is read at once. It stays in this space only until the handler is
// called. One for each hub, and not in the thread's own memory: of that there
// is little for a shared library that is loaded while the program runs.
using ReadSpace = std::array<char, std::size_t{16} * 1024>;
thread_local constinit ReadSpace* read_space = nullptr;

std::span<char> read_space_of(Hub& hub) {
  if (read_space == nullptr) [[unlikely]] {
    hub.after_end([] { delete std::exchange(read_space, nullptr); });
    read_space = new ReadSpace;
  }
  return *read_space;
}

// After so many pipelined requests of one client, others have their turn.
constexpr int kAnswersPerTurn = 16;

}  // namespace

HttpConnection::HttpConnection(std::shared_ptr<HttpService> service,
                               net::StreamSocket socket,
                               const net::Endpoint& peer)
    : service_(std::move(service)),
      peer_(peer),
      socket_(std::make_unique<net::StreamSocket>(std::move(socket))),
      has_arrived_(service_->tls == nullptr) {
  service_->connections.push_back(*this);
  ++service_->count;
}

void HttpConnection::write_default_name(Label& label) const noexcept {
  label << "HttpConnection-" << id();
}

// ---- resting

void HttpConnection::Arrival::notified() noexcept {
  owner_.has_arrived_ = true;
  owner_.wake();
}

HttpConnection::Patience::Patience(HttpConnection& owner) noexcept
    : Timer([](Timer& timer) noexcept {
        auto& self = static_cast<Patience&>(timer);
        if (self.owner_.state() != State::resting) return;
        if (self.owner_.hub().recent_now() < self.until_) {
          self.start(self.owner_.hub().timers(), self.until_);
          return;
        }
        self.is_over_ = true;
        self.owner_.wake();
      }),
      owner_(owner) {}

void HttpConnection::Patience::begin_rest(TimePoint until) noexcept {
  is_over_ = false;
  until_ = until;
  if (!is_running()) start(owner_.hub().timers(), until);
}

void HttpConnection::wake() noexcept {
  if (state() == State::resting) hub().make_ready(*this);
}

void HttpConnection::end_after_answer() noexcept {
  ends_ = true;
  wake();
}

void HttpConnection::rest_until_arrival() {
  if (buffer_.capacity() != 0) buffer_.shrink_to_fit();
  IoWatcher& watcher = socket_->watcher();
  patience_.begin_rest(
      deadline_after(hub().recent_now(), service_->limits.idle_time));
  use_.emplace(watcher);
  watcher.arm(net::Direction::read);
  watcher.waiters(net::Direction::read).add(arrival_);
  rest();
}

// ---- answering

void HttpConnection::dispatch() noexcept {
  arrival_.unlink();
  use_.reset();
  std::exception_ptr why;
  try {
    if (has_interrupt()) throw_interrupt();
    switch (serve()) {
      case Next::rest:
        rest_until_arrival();
        return;
      case Next::later:
        hub().make_ready(*this);
        return;
      case Next::close:
        bid_farewell();
        break;
    }
  } catch (const http::ClientGone&) {
    // Clients may go at any time.
  } catch (...) {
    why = std::current_exception();
  }
  leave(why);
  intrusive_ptr_release(this);
}

void HttpConnection::end_unbegun(std::exception_ptr why) noexcept {
  leave(why);
}

void HttpConnection::leave(const std::exception_ptr& why) noexcept {
  socket_->close();
  HttpPlace::unlink();
  service_->left();
  finish(why);
}

HttpConnection::Next HttpConnection::serve() {
  if (service_->tls && !is_secure_) {
    if (ends_ || service_->drains) return Next::close;
    if (!has_arrived_) return patience_.is_over() ? Next::close : Next::rest;
    if (!shake_hands()) return Next::close;
  }
  for (int answers = 0; answers < kAnswersPerTurn; ++answers) {
    std::string_view fresh;
    const auto held = buffer_.data();
    buffer_.consume(
        skip_empty_lines({static_cast<const char*>(held.data()), held.size()}));
    if (buffer_.size() == 0) {
      if (ends_ || service_->drains) return Next::close;
      // If the last read did not fill its space, there was no more, and the
      // event loop tells when there is. This does not hold with TLS, which may
      // have read more already.
      if (!has_arrived_) return patience_.is_over() ? Next::close : Next::rest;
      const auto space = read_space_of(hub());
      std::error_code error;
      const auto count = socket_->read_now(space, error);
      has_arrived_ = count == space.size() || (is_secure_ && count != 0);
      if (error == std::errc::operation_would_block && !patience_.is_over())
        return Next::rest;
      if (error || count == 0) return Next::close;
      fresh = {space.data(), count};
      fresh.remove_prefix(skip_empty_lines(fresh));
      if (fresh.empty()) continue;
    }
    if (!answer(fresh)) return Next::close;
  }
  return Next::later;
}

// False: the handshake failed, because of the client.
bool HttpConnection::shake_hands() {
#if defined(GREENROOM_TLS)
  auto plain = std::move(static_cast<net::StreamSocket&>(*socket_));
  try {
    socket_ = std::make_unique<net::TlsSocket>(net::TlsSocket::server(
        std::move(plain), *service_->tls, service_->limits.header_time));
    is_secure_ = true;
  } catch (const std::system_error&) {
    // The client does not trust us, or does not speak TLS. It has been told.
  }
#endif
  return is_secure_;
}

// One request. False: it was the last of this connection.
bool HttpConnection::answer(std::string_view fresh) {
  HttpExchange exchange(*socket_, buffer_, peer_, service_->limits);
  bool is_asked = false;
  bool goes_on = false;
  try {
    read_header(exchange, fresh);
    is_asked = true;
    if (is_too_often()) throw http::HttpError(429);
    if (ends_ || service_->drains) exchange.close_connection();
    handle(exchange);
    goes_on = exchange.finish() && exchange.skip_body();
  } catch (const http::HttpError& error) {
    exchange.close_connection();
    exchange.fail(error.status(), error.what());
  } catch (const http::ClientGone&) {
    if (!is_asked) throw;
  }
  if (service_->access_log != nullptr) service_->log(exchange);
  end_locals();
  if (!goes_on) close_gently();
  return goes_on;
}

// `fresh` was just read, while the buffer was empty. What follows the header is
// left in the buffer.
void HttpConnection::read_header(HttpExchange& exchange,
                                 std::string_view fresh) {
  if (!fresh.empty()) {
    const auto used = exchange.parse_header(fresh);
    const auto left = fresh.substr(used);
    buffer_.commit(boost::asio::buffer_copy(buffer_.prepare(left.size()),
                                            boost::asio::buffer(left)));
    if (used != 0) return;
  }
  const Deadline deadline(service_->limits.header_time);
  bool is_new = fresh.empty();
  for (;;) {
    if (std::exchange(is_new, true)) {
      const auto held = buffer_.data();
      const auto used = exchange.parse_header(
          {static_cast<const char*>(held.data()), held.size()});
      buffer_.consume(used);
      if (used != 0) return;
    }
    const Duration time = deadline.left();
    if (time == Duration::zero()) throw http::HttpError(408);
    socket_->set_timeout(time);
    const auto space = buffer_.prepare(sizeof(ReadSpace) / 4);
    std::error_code error;
    const auto count = socket_->read_some(
        std::span(static_cast<char*>(space.data()), space.size()), error);
    if (error == std::errc::timed_out) throw http::HttpError(408);
    if (error) throw http::ClientGone(error.message());
    if (count == 0) throw http::HttpError(400, "half a request\n");
    buffer_.commit(count);
    has_arrived_ = true;
  }
}

void HttpConnection::handle(HttpExchange& exchange) {
  http::Request request(exchange);
  http::Response response(exchange);
  try {
    service_->handler(request, response);
  } catch (const http::HttpError& error) {
    exchange.fail(error.status(), error.what());
  } catch (const http::ClientGone&) {
    throw;
  } catch (const GreenletExit&) {
    throw;
  } catch (...) {
    hub().report(name() + ", " + std::string(request.method()) + " " +
                     request.path() + " of " + peer_.to_string(),
                 std::current_exception());
    exchange.close_connection();
    exchange.fail(500, "Internal Server Error\n");
  }
}

// Tells a TLS client that this is the end, if that takes no time: otherwise the
// client could not be sure of it.
void HttpConnection::bid_farewell() {
  if (!is_secure_) return;
  std::error_code gone;
  socket_->set_timeout(Duration::zero());
  socket_->shutdown_write(gone);
}

// What the client still sends must not arrive at a closed socket: the system
// would answer it with a reset, which can overtake what was sent before.
void HttpConnection::close_gently() {
  constexpr Duration kPatience = std::chrono::seconds(1);
  constexpr std::size_t kMost = std::size_t{4} * 1024 * 1024;
  const Deadline deadline(kPatience);
  std::error_code error;
  socket_->shutdown_write(error);
  std::array<char, 4096> nowhere;  // NOLINT(*-member-init)
  for (std::size_t read = 0; !error && read < kMost;) {
    const Duration time = deadline.left();
    if (time == Duration::zero()) return;
    socket_->set_timeout(time);
    const auto count = socket_->read_some(nowhere, error);
    if (count == 0) return;
    read += count;
  }
}

bool HttpConnection::is_too_often() noexcept {
  const auto most = service_->limits.requests_per_second;
  if (most == 0) return false;
  const TimePoint now = hub().recent_now();
  if (now - second_ >= std::chrono::seconds(1)) {
    second_ = now;
    requests_ = 0;
  }
  return ++requests_ > most;
}

}  // namespace greenroom::detail
