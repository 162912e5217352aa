// ZeroMQ tells of news by a descriptor, but news is not yet a message.
// ZMQ_EVENTS says what the socket is ready for, and asking for it takes the
// news off the descriptor. So does every send and receive, and it may be news
// that another greenlet waits for in the other direction. So whoever takes news
// off tells those who wait what the socket is ready for. See zmq_getsockopt(3),
// ZMQ_FD.

#include "zmq_socket.hpp"

#include "../../core/deadline.hpp"
#include "../../core/hub.hpp"
#include "../wake_when_ready.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <stdexcept>

namespace greenroom::net {
namespace {

constexpr WaitReason kWaitsToReceive{"a ZeroMQ message"};
constexpr WaitReason kWaitsToSend{"room for a ZeroMQ message"};
constexpr std::chrono::milliseconds kLinger = std::chrono::seconds(1);

// Calls it again if a signal came in between.
template <class Call>
auto uninterrupted(Call call) {
  for (;;) {
    try {
      return call();
    } catch (const ::zmq::error_t& failed) {
      if (failed.num() != EINTR) throw;
    }
  }
}

}  // namespace

ZmqSocket::ZmqSocket(::zmq::context_t& context, ::zmq::socket_type type)
    : hub_(Hub::current()), socket_(context, type) {
  socket_.set(::zmq::sockopt::linger, static_cast<int>(kLinger.count()));
}

void ZmqSocket::assert_usable() const {
  hub_.assert_here("a call of a ZmqSocket");
  if (!is_open()) throw ::zmq::error_t(ENOTSOCK);
}

void ZmqSocket::bind(const std::string& endpoint) {
  assert_usable();
  socket_.bind(endpoint);
  wake_others();
}

void ZmqSocket::connect(const std::string& endpoint) {
  assert_usable();
  socket_.connect(endpoint);
  wake_others();
}

void ZmqSocket::unbind(const std::string& endpoint) {
  assert_usable();
  socket_.unbind(endpoint);
  wake_others();
}

void ZmqSocket::disconnect(const std::string& endpoint) {
  assert_usable();
  socket_.disconnect(endpoint);
  wake_others();
}

std::string ZmqSocket::local_endpoint() const {
  assert_usable();
  return socket_.get(::zmq::sockopt::last_endpoint);
}

void ZmqSocket::send(Message message) { (void)send(message, forever); }

bool ZmqSocket::send(Message& message, Duration limit) {
  return until_done(Direction::write, limit, [&] { return try_send(message); });
}

void ZmqSocket::send_multipart(Parts parts) {
  (void)send_multipart(parts, forever);
}

bool ZmqSocket::send_multipart(Parts& parts, Duration limit) {
  return until_done(Direction::write, limit,
                    [&] { return try_send_multipart(parts); });
}

ZmqSocket::Message ZmqSocket::recv() { return *recv(forever); }

std::optional<ZmqSocket::Message> ZmqSocket::recv(Duration limit) {
  std::optional<Message> message;
  until_done(Direction::read, limit,
             [&] { return (message = try_recv()).has_value(); });
  return message;
}

ZmqSocket::Parts ZmqSocket::recv_multipart() {
  return *recv_multipart(forever);
}

std::optional<ZmqSocket::Parts> ZmqSocket::recv_multipart(Duration limit) {
  auto first = recv(limit);
  if (!first) return std::nullopt;
  return rest_of(*std::move(first));
}

std::optional<ZmqSocket::Parts> ZmqSocket::recv_multipart_nowait() {
  auto first = try_recv();
  if (!first) return std::nullopt;
  return rest_of(*std::move(first));
}

// All parts have come when the first has.
ZmqSocket::Parts ZmqSocket::rest_of(Message first) {
  Parts parts;
  parts.push_back(std::move(first));
  while (parts.back().more()) parts.push_back(try_recv().value());
  return parts;
}

bool ZmqSocket::try_send(Message& message) {
  assert_usable();
  const bool is_sent = uninterrupted([&] {
    return socket_.send(message, ::zmq::send_flags::dontwait).has_value();
  });
  wake_others();
  return is_sent;
}

bool ZmqSocket::try_send_multipart(Parts& parts) {
  assert_usable();
  if (parts.empty())
    throw std::invalid_argument("a ZeroMQ message has at least one part");
  bool is_sent = true;
  for (std::size_t i = 0; is_sent && i < parts.size(); ++i) {
    // Sends a copy, which shares the bytes: if the peer goes in the middle,
    // ZeroMQ drops what it has of the message, and all of it is sent again.
    Message copy;
    copy.copy(parts[i]);
    auto flags = ::zmq::send_flags::dontwait;
    if (i + 1 < parts.size()) flags = flags | ::zmq::send_flags::sndmore;
    is_sent =
        uninterrupted([&] { return socket_.send(copy, flags).has_value(); });
  }
  wake_others();
  if (is_sent) parts.clear();
  return is_sent;
}

std::optional<ZmqSocket::Message> ZmqSocket::try_recv() {
  assert_usable();
  std::optional<Message> message(std::in_place);
  const bool is_received = uninterrupted([&] {
    return socket_.recv(*message, ::zmq::recv_flags::dontwait).has_value();
  });
  wake_others();
  if (!is_received) message.reset();
  return message;
}

// Calls `try_it` until it succeeds: true. After the limit has passed, tries
// once more; false if that fails, too.
template <class Try>
bool ZmqSocket::until_done(Direction direction, Duration limit, Try try_it) {
  const detail::Deadline deadline(limit);
  for (bool has_time = true;;) {
    if (try_it()) return true;
    if (!has_time) return false;
    has_time = wait(direction, deadline.left());
  }
}

// Parks until trying again may help; false if `limit` passes first.
bool ZmqSocket::wait(Direction direction, Duration limit) {
  const int wanted = direction == Direction::read ? ZMQ_POLLIN : ZMQ_POLLOUT;
  if ((look() & wanted) != 0) return true;

  using detail::IoWatcher;
  watcher_ = IoWatcher::of(socket_.get(::zmq::sockopt::fd),
                           IoWatcher::Ownership::borrowed);
  const IoWatcher::Use use(*watcher_);
  Waiter waiter(direction == Direction::read ? kWaitsToReceive : kWaitsToSend,
                this);
  // News came: the greenlet looks what it is.
  const detail::WakeWhenReady news(*watcher_, Direction::read, waiter);
  waiters_[static_cast<std::size_t>(direction)].add(waiter);
  return waiter.park(limit);
}

// Returns what the socket is ready for, after telling those who wait for it.
int ZmqSocket::look() {
  const int events =
      uninterrupted([&] { return socket_.get(::zmq::sockopt::events); });
  if ((events & ZMQ_POLLIN) != 0)
    waiters_[static_cast<std::size_t>(Direction::read)].notify_all();
  if ((events & ZMQ_POLLOUT) != 0)
    waiters_[static_cast<std::size_t>(Direction::write)].notify_all();
  return events;
}

void ZmqSocket::wake_others() noexcept {
  const auto nobody = [](const WaitList& list) { return list.empty(); };
  if (std::all_of(waiters_.begin(), waiters_.end(), nobody)) return;
  try {
    look();
  } catch (const ::zmq::error_t&) {
    // The context ends; each waiting call will report it itself.
    for (WaitList& list : waiters_) list.notify_all();
  }
}

void ZmqSocket::close() noexcept {
  if (!is_open()) return;
  // The event loop releases the descriptor while ZeroMQ still has it open;
  // those who wait for it go on.
  if (watcher_) watcher_->release();
  socket_.close();
}

}  // namespace greenroom::net
