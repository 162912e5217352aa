#include "server.hpp"

#include "../../../sync/event.hpp"
#include "../../../tasks/spawn.hpp"
#include "../../servers/accept_loop.hpp"
#include "../../tcp_socket.hpp"
#include "../../tls/tls_context.hpp"
#include "service.hpp"

#include <array>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <utility>

namespace greenroom {
namespace detail {
namespace {

constexpr WaitReason kWaitsForAnswers{"the answers of an http::Server"};

// A turn of the accepting greenlet.
constexpr int kAcceptsPerTurn = 100;

constexpr std::string_view kBusy =
    "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n"
    "Content-Type: text/plain\r\nContent-Length: 20\r\n\r\n"
    "Service Unavailable\n";

}  // namespace

// Does the work of an http::Server. Its connections keep its service alive.
class HttpAcceptor : public std::enable_shared_from_this<HttpAcceptor> {
 public:
  HttpAcceptor(const net::Endpoint& endpoint, HttpService::Handler handler,
               const http::ServerOptions& options)
      : listen_(options.listen),
        service_(std::make_shared<HttpService>()),
        endpoint_(endpoint) {
    service_->handler = std::move(handler);
    service_->limits = options.limits;
    service_->access_log = options.access_log;
    service_->tls = options.tls;
    check_tls();
  }

  void start();
  void stop(Duration grace);
  void abandon() noexcept;
  void wait_for_stop() { stopped_.wait(); }

  [[nodiscard]] bool started() const noexcept { return greenlet_ != nullptr; }
  [[nodiscard]] const net::Endpoint& endpoint() const { return endpoint_; }
  [[nodiscard]] std::size_t connections() const noexcept {
    return service_->count;
  }

 private:
  void check_tls() const;
  void accept_all();
  void accept_some();
  void take_in(net::Listener::Accepted accepted);
  void kill_connections() noexcept;
  bool wait_until_none(Duration limit);

  // const after construction
  const net::ListenOptions listen_;
  const std::shared_ptr<HttpService> service_;

  // owning hub only
  net::Endpoint endpoint_;  // with the real port, once it has started
  std::optional<net::Listener> listener_;
  GreenletPtr greenlet_;  // accepts, from start() to stop()
  AcceptLoop accept_loop_;
  bool is_stopping_ = false;
  Event stopped_;
};

void HttpAcceptor::check_tls() const {
  if (!service_->tls) return;
#if defined(GREENROOM_TLS)
  if (service_->tls->is_server()) return;
  throw std::invalid_argument("an https server with a client's context");
#else
  throw std::invalid_argument(
      "no https server: greenroom was built without TLS (GREENROOM_TLS)");
#endif
}

void HttpAcceptor::start() {
  if (started()) return;
  if (is_stopping_ || listener_)
    throw std::logic_error("a server that was stopped does not start again");
  listener_.emplace(endpoint_, listen_);
  endpoint_ = listener_->local_endpoint();
  // The greenlet outlives a Server that is destroyed, for a turn.
  greenlet_ = spawn([self = shared_from_this()] { self->accept_all(); });
}

void HttpAcceptor::accept_all() {
  accept_loop_.run(
      "accept at " + endpoint().to_string(), [this] { return started(); },
      [this] { accept_some(); });
  if (!started()) return;
  greenlet_ = nullptr;
  listener_->close();
  stopped_.set();
}

// One turn.
void HttpAcceptor::accept_some() {
  listener_->wait();
  std::error_code error;
  for (int i = 0; i < kAcceptsPerTurn; ++i) {
    auto accepted = listener_->try_accept(error);
    if (error) throw std::system_error(error);
    if (!accepted) return;
    take_in(*std::move(accepted));
    accept_loop_.has_accepted();
  }
}

void HttpAcceptor::take_in(net::Listener::Accepted accepted) {
  auto socket = accepted.peer.is_unix()
                    ? net::StreamSocket(std::move(accepted.descriptor))
                    : net::TcpSocket(std::move(accepted.descriptor));
  if (service_->count >= service_->limits.connections) {
    // The connection is closed either way. A request that has arrived is read
    // first: left unread, it would reset the connection before the answer is
    // there.
    std::error_code ignored;
    std::array<char, 4096> request;  // NOLINT(*-member-init)
    if (!service_->tls) (void)socket.write_some(kBusy, ignored);
    (void)socket.read_now(request, ignored);
    return;
  }
  make_greenlet<HttpConnection>(service_, std::move(socket), accepted.peer)
      ->start();
}

void HttpAcceptor::stop(Duration grace) {
  if (is_stopping_) stopped_.wait();
  if (is_stopping_ || !listener_) return;
  is_stopping_ = true;
  if (started()) std::exchange(greenlet_, nullptr)->kill();
  listener_->close();
  service_->drains = true;
  for (HttpConnection& connection : service_->connections)
    connection.end_after_answer();
  try {
    if (!wait_until_none(grace)) {
      kill_connections();
      wait_until_none(forever);
    }
  } catch (...) {
    // Killed, perhaps by itself: a handler may stop its own server.
    stopped_.set();
    throw;
  }
  stopped_.set();
}

void HttpAcceptor::abandon() noexcept {
  is_stopping_ = true;
  if (started()) std::exchange(greenlet_, nullptr)->kill_soon();
  service_->drains = true;
  kill_connections();
  stopped_.set();
}

void HttpAcceptor::kill_connections() noexcept {
  // A connection that has not begun leaves the list at once.
  auto& all = service_->connections;
  for (auto next = all.begin(); next != all.end();) (next++)->kill_soon();
}

bool HttpAcceptor::wait_until_none(Duration limit) {
  if (service_->count == 0) return true;
  Waiter waiter(kWaitsForAnswers, this);
  service_->until_none.add(waiter);
  return waiter.park(limit);
}

}  // namespace detail

namespace http {

Server::Server(const net::Endpoint& endpoint, Handler handler,
               ServerOptions options)
    : acceptor_(std::make_shared<detail::HttpAcceptor>(
          endpoint, std::move(handler), options)) {}

Server::~Server() { acceptor_->abandon(); }

void Server::start() { acceptor_->start(); }

void Server::stop(Duration grace) { acceptor_->stop(grace); }

void Server::serve_forever() {
  start();
  const auto acceptor = acceptor_;
  try {
    acceptor->wait_for_stop();
  } catch (...) {
    acceptor->stop(Duration::zero());
    throw;
  }
}

bool Server::started() const noexcept { return acceptor_->started(); }

net::Endpoint Server::endpoint() const { return acceptor_->endpoint(); }

std::size_t Server::connections() const noexcept {
  return acceptor_->connections();
}

}  // namespace http
}  // namespace greenroom
