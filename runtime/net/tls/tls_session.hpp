// A TlsSession encrypts what is sent over a socket, and decrypts what comes.
//
// OpenSSL reads from the socket itself, but writes into a buffer. So it never
// has to repeat a write, and a write that is killed does it no harm.
//
// Thread rule: owning hub only.
#pragma once

#include "../../core/clock.hpp"
#include "../../core/deadline.hpp"
#include "../stream_socket.hpp"
#include "tls_context.hpp"

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <system_error>

struct bio_method_st;
struct bio_st;
struct ssl_st;

namespace greenroom::detail {

class TlsSession {
 public:
  TlsSession(net::StreamSocket socket, const net::TlsContext& context);
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;
  ~TlsSession();

  /// The other side has to prove that it is `host`. Call it before the
  /// handshake.
  void expect_host(const std::string& host);
  /// Parks. Throws std::system_error.
  void shake_hands(Duration limit);

  // As Stream::try_read(), Socket::read_now() and Stream::try_write().
  std::size_t read(std::span<char> buffer, Duration limit,
                   std::error_code& error);
  std::size_t read_now(std::span<char> buffer, std::error_code& error);
  std::size_t write(std::span<const std::string_view> pieces, Duration limit,
                    std::error_code& error);
  bool wait_read(Duration limit) { return socket_.wait_read(limit); }
  void bid_farewell(Duration limit, std::error_code& error);
  void close() noexcept { socket_.close(); }

  [[nodiscard]] const net::StreamSocket& socket() const noexcept {
    return socket_;
  }
  [[nodiscard]] ssl_st* native_handle() const noexcept { return ssl_.get(); }

 private:
  struct Bio;
  struct FreeSsl {
    void operator()(ssl_st* ssl) const noexcept;
  };
  enum class Flush : bool { later, first };

  template <class Call>
  int call_now(std::error_code& error, Call call);
  template <class Call>
  int when_ready(const Deadline& deadline, Flush flush, std::error_code& error,
                 Call call);
  bool wait(net::Direction direction, const Deadline& deadline,
            std::error_code& error);
  bool send_all(const Deadline& deadline, std::error_code& error);
  void send_now(std::error_code& error);

  // const after construction
  const net::TlsContext context_;

  // owning hub only
  net::StreamSocket socket_;
  std::unique_ptr<ssl_st, FreeSsl> ssl_;
  std::string out_;           // encrypted, not all of it sent yet
  std::size_t sent_ = 0;      // of out_
  std::error_code io_error_;  // of the socket, during a call of OpenSSL
  bool is_at_end_ = false;    // of what comes from the socket
  bool is_reading_ = false;   // a greenlet is
  bool is_writing_ = false;
};

}  // namespace greenroom::detail
