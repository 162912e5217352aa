// A ZmqSocket is a ZeroMQ socket, of any type, that parks a greenlet where
// ZeroMQ would block the thread. Part of greenroom::zmq.
//
//   zmq::context_t context;
//   net::ZmqSocket socket(context, zmq::socket_type::req);
//   socket.connect("tcp://127.0.0.1:5000");
//   socket.send("Hello");
//   zmq::message_t answer = socket.recv();
//
// Thread rule: owning hub only; the context may be shared by hubs. Several
// greenlets may send and receive at the same time.
// Every call tries first and parks only if ZeroMQ would block. Waiting for the
// context to end blocks the thread: close the sockets before. A context has
// threads, and to the hub they look like threads that may post to it: while
// there is a context, the hub throws no LoopExit, and wait() without objects
// does not return.
//
// Kill and Timeout: throw out of the call; a message is received and sent as a
// whole, or not at all.
// Throws zmq::error_t, as cppzmq does: EFSM, ETERM when the context ends, and
// ENOTSOCK when the socket is closed.
// Behaves as zmq.green (pyzmq 24, zmq/green/core.py).
#pragma once

#include "../../core/clock.hpp"
#include "../../core/export.hpp"
#include "../../core/wait.hpp"
#include "../io_watcher.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>
#include <zmq.hpp>

namespace greenroom::net {

class GREENROOM_API ZmqSocket {
 public:
  /// cppzmq's message: bytes, which ZeroMQ may share.
  using Message = ::zmq::message_t;

  /// Unlike ZeroMQ, which waits for ever, gives messages that are not sent yet
  /// one second when the socket is closed (zmq::sockopt::linger).
  ZmqSocket(::zmq::context_t& context, ::zmq::socket_type type);
  ZmqSocket(const ZmqSocket&) = delete;
  ZmqSocket& operator=(const ZmqSocket&) = delete;
  /// Closes it. Nobody may wait for it any more.
  ~ZmqSocket() { close(); }

  /// "tcp://127.0.0.1:*", for example: local_endpoint() tells the real port.
  void bind(const std::string& endpoint);
  /// Does not park: ZeroMQ connects, and connects again, by itself.
  void connect(const std::string& endpoint);
  /// Takes a bind() back, with the endpoint as local_endpoint() tells it.
  void unbind(const std::string& endpoint);
  /// Takes a connect() back.
  void disconnect(const std::string& endpoint);
  /// The last endpoint that was bound or connected.
  [[nodiscard]] std::string local_endpoint() const;

  /// socket.set(zmq::sockopt::subscribe, "news")
  template <class Option, class Value>
  void set(Option option, const Value& value) {
    socket_.set(option, value);
    wake_others();
  }
  /// socket.get(zmq::sockopt::type)
  template <class Option>
  [[nodiscard]] auto get(Option option) const {
    return socket_.get(option);
  }

  /// Parks until ZeroMQ has taken the message.
  void send(Message message);
  void send(std::string_view text) { send(Message(text.data(), text.size())); }
  /// False if `limit` passes first; `message` is then as it was.
  [[nodiscard]] bool send(Message& message, Duration limit);
  /// Does not park: false if it would have to.
  [[nodiscard]] bool send_nowait(Message& message) { return try_send(message); }

  /// Parks until there is a message. If it has several parts, gives the next
  /// part; message.more() tells whether another follows.
  [[nodiscard]] Message recv();
  /// Nothing if `limit` passes first.
  [[nodiscard]] std::optional<Message> recv(Duration limit);
  /// Does not park.
  [[nodiscard]] std::optional<Message> recv_nowait() { return try_recv(); }

  /// The same for messages in several parts; there is at least one.
  using Parts = std::vector<Message>;
  /// As send(). Throws std::invalid_argument if there is no part.
  void send_multipart(Parts parts);
  /// As send() with a limit.
  [[nodiscard]] bool send_multipart(Parts& parts, Duration limit);
  /// As send_nowait().
  [[nodiscard]] bool send_multipart_nowait(Parts& parts) {
    return try_send_multipart(parts);
  }
  /// As recv(), with all parts.
  [[nodiscard]] Parts recv_multipart();
  /// As recv() with a limit.
  [[nodiscard]] std::optional<Parts> recv_multipart(Duration limit);
  /// As recv_nowait().
  [[nodiscard]] std::optional<Parts> recv_multipart_nowait();

  /// Whoever waits for it, throws. Does nothing if it is closed.
  void close() noexcept;
  /// False after close().
  [[nodiscard]] bool is_open() const noexcept {
    return socket_.handle() != nullptr;
  }

 private:
  template <class Try>
  bool until_done(Direction direction, Duration limit, Try try_it);
  bool try_send(Message& message);
  bool try_send_multipart(Parts& parts);
  std::optional<Message> try_recv();
  Parts rest_of(Message first);
  bool wait(Direction direction, Duration limit);
  int look();
  void wake_others() noexcept;
  void assert_usable() const;

  // const after construction
  Hub& hub_;

  // owning hub only
  ::zmq::socket_t socket_;
  detail::IoWatcherPtr watcher_;     // of the descriptor for ZeroMQ's news
  std::array<WaitList, 2> waiters_;  // by Direction
};

}  // namespace greenroom::net
