#include "tls_session.hpp"

#include "../../core/errors.hpp"
#include "../../core/hub.hpp"
#include "tls_error.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <stdexcept>
#include <utility>

namespace greenroom::detail {
namespace {

constexpr std::size_t kRecord = SSL3_RT_MAX_PLAIN_LENGTH;

// One greenlet at a time in each direction: a record goes as a whole.
class Turn {
 public:
  Turn(bool& is_taken, const char* what) : is_taken_(is_taken) {
    if (std::exchange(is_taken, true))
      throw ConcurrentObjectUseError(std::string("another greenlet already ") +
                                     what + " this TLS connection");
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  ~Turn() { is_taken_ = false; }

 private:
  bool& is_taken_;
};

// Where pieces are put together. One for each hub, and not in the thread's own
// memory: of that there is little for a shared library that is loaded while the
// program runs.
using Record = std::array<char, kRecord>;
thread_local constinit Record* space_here = nullptr;

Record& record_space() {
  if (space_here == nullptr) [[unlikely]] {
    Hub::current().after_end([] { delete std::exchange(space_here, nullptr); });
    space_here = new Record;
  }
  return *space_here;
}

// The first bytes, as many as fit into a record, in one piece.
std::string_view first_record(std::span<const std::string_view> pieces) {
  while (!pieces.empty() && pieces.front().empty()) pieces = pieces.subspan(1);
  if (pieces.empty()) return {};
  if (pieces.size() == 1 || pieces.front().size() >= kRecord)
    return pieces.front().substr(0, kRecord);
  // Used up before anybody else can run.
  Record& space = record_space();
  std::size_t size = 0;
  for (const std::string_view piece : pieces)
    size += piece.copy(space.data() + size, space.size() - size);
  return {space.data(), size};
}

// SNI. (The macro SSL_set_tlsext_host_name has a cast that we do not allow.)
bool ask_for_name(SSL* ssl, const std::string& host) {
  return SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                  const_cast<char*>(host.c_str())) == 1;
}

}  // namespace

// ---- how OpenSSL reaches the socket

struct TlsSession::Bio {
  static TlsSession& session(BIO* bio) {
    return *static_cast<TlsSession*>(BIO_get_data(bio));
  }

  static int write(BIO* bio, const char* data, int size) {
    session(bio).out_.append(data, static_cast<std::size_t>(size));
    return size;
  }

  static int read(BIO* bio, char* buffer, int size) {
    TlsSession& self = session(bio);
    BIO_clear_retry_flags(bio);
    std::error_code error;
    const auto count = self.socket_.read_now(
        std::span(buffer, static_cast<std::size_t>(size)), error);
    if (!error) {
      self.is_at_end_ = count == 0;
      return static_cast<int>(count);
    }
    if (error == std::errc::operation_would_block)
      BIO_set_retry_read(bio);
    else
      self.io_error_ = error;
    return -1;
  }

  static long control(BIO* bio, int command, long /*number*/,
                      void* /*argument*/) {
    if (command == BIO_CTRL_FLUSH) return 1;
    if (command == BIO_CTRL_EOF) return session(bio).is_at_end_ ? 1 : 0;
    return 0;
  }

  static BIO* make(TlsSession& session) {
    static BIO_METHOD* const method = [] {
      auto* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK,
                                "greenroom socket");
      BIO_meth_set_write(made, &write);
      BIO_meth_set_read(made, &read);
      BIO_meth_set_ctrl(made, &control);
      return made;
    }();
    BIO* bio = BIO_new(method);
    if (bio == nullptr) throw std::bad_alloc();
    BIO_set_data(bio, &session);
    BIO_set_init(bio, 1);
    return bio;
  }
};

void TlsSession::FreeSsl::operator()(SSL* ssl) const noexcept { SSL_free(ssl); }

TlsSession::TlsSession(net::StreamSocket socket, const net::TlsContext& context)
    : context_(context),
      socket_(std::move(socket)),
      ssl_(SSL_new(context.native_handle())) {
  if (ssl_ == nullptr) throw std::system_error(take_tls_error(), "SSL_new");
  BIO* bio = Bio::make(*this);
  SSL_set_bio(ssl_.get(), bio, bio);
  if (context.is_server())
    SSL_set_accept_state(ssl_.get());
  else
    SSL_set_connect_state(ssl_.get());
}

TlsSession::~TlsSession() = default;

void TlsSession::expect_host(const std::string& host) {
  SSL* ssl = ssl_.get();
  if (host.empty() && SSL_get_verify_mode(ssl) != SSL_VERIFY_NONE)
    throw std::invalid_argument("TLS: the name of the other side is missing");
  if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str()) == 1)
    return;
  ERR_clear_error();  // it is a name
  SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  if (SSL_set1_host(ssl, host.c_str()) != 1 ||
      (!host.empty() && !ask_for_name(ssl, host)))
    throw std::system_error(take_tls_error(), "host " + host);
}

// ---- waiting

// Only one may wait to read; a reader that has to answer, and a writer, may
// both wait to write.
bool TlsSession::wait(net::Direction direction, const Deadline& deadline,
                      std::error_code& error) {
  if (!socket_.is_open())
    error = {EBADF, std::generic_category()};
  else if (!(direction == net::Direction::read
                 ? wait_read(deadline.left())
                 : socket_.watcher().wait(direction, deadline.left())))
    error = std::make_error_code(std::errc::timed_out);
  return !error;
}

// Sends what there is room for.
void TlsSession::send_now(std::error_code& error) {
  error.clear();
  while (sent_ < out_.size()) {
    const ssize_t count = ::send(socket_.native_handle(), out_.data() + sent_,
                                 out_.size() - sent_, MSG_NOSIGNAL);
    if (count >= 0) {
      sent_ += static_cast<std::size_t>(count);
    } else if (errno != EINTR) {
      error = {errno, std::generic_category()};
      return;
    }
  }
  out_.clear();
  sent_ = 0;
}

// Readers and writers may both be here: each sends what comes first.
bool TlsSession::send_all(const Deadline& deadline, std::error_code& error) {
  for (;;) {
    send_now(error);
    if (error != std::errc::operation_would_block) return !error;
    error.clear();
    if (!wait(net::Direction::write, deadline, error)) return false;
  }
}

// One call of OpenSSL. 0 at the end of the stream, and with an error:
// operation_would_block if it has to read more.
template <class Call>
int TlsSession::call_now(std::error_code& error, Call call) {
  ERR_clear_error();
  io_error_.clear();
  error.clear();
  const int result = call(ssl_.get());
  if (result > 0) return result;
  const int why = SSL_get_error(ssl_.get(), result);
  if (why == SSL_ERROR_ZERO_RETURN) return 0;
  if (why == SSL_ERROR_WANT_READ) {
    error = std::make_error_code(std::errc::operation_would_block);
    return 0;
  }
  error = io_error_ ? io_error_ : take_tls_error();
  std::error_code ignored;  // the first error counts
  send_now(ignored);        // the other side is told what is wrong
  return 0;
}

// Calls until it is done. 0 at the end of the stream, and with an error.
template <class Call>
int TlsSession::when_ready(const Deadline& deadline, Flush flush,
                           std::error_code& error, Call call) {
  for (;;) {
    const int result = call_now(error, call);
    if (error != std::errc::operation_would_block) return result;
    error.clear();
    // A reader must not wait until the other side reads: it may be waiting for
    // us.
    if (flush == Flush::later) {
      send_now(error);
      error.clear();  // the next read tells
    } else if (!send_all(deadline, error)) {
      return 0;
    }
    if (!wait(net::Direction::read, deadline, error)) return 0;
  }
}

// ---- what a stream does

void TlsSession::shake_hands(Duration limit) {
  const Deadline deadline(limit);
  std::error_code error;
  when_ready(deadline, Flush::first, error, &SSL_do_handshake);
  if (!error) send_all(deadline, error);
  if (!error) return;
  std::string what = "TLS handshake";
  if (const long verdict = SSL_get_verify_result(ssl_.get());
      verdict != X509_V_OK)
    what += std::string(": ") + X509_verify_cert_error_string(verdict);
  throw std::system_error(error, what);
}

std::size_t TlsSession::read(std::span<char> buffer, Duration limit,
                             std::error_code& error) {
  error.clear();
  if (buffer.empty()) return 0;
  const Turn turn(is_reading_, "reads from");
  std::size_t count = 0;
  when_ready(Deadline(limit), Flush::later, error, [&](SSL* ssl) {
    return SSL_read_ex(ssl, buffer.data(), buffer.size(), &count);
  });
  return error ? 0 : count;
}

std::size_t TlsSession::read_now(std::span<char> buffer,
                                 std::error_code& error) {
  const Turn turn(is_reading_, "reads from");
  std::size_t count = 0;
  call_now(error, [&](SSL* ssl) {
    return SSL_read_ex(ssl, buffer.data(), buffer.size(), &count);
  });
  if (error == std::errc::operation_would_block) {
    std::error_code ignored;  // the next read tells
    send_now(ignored);        // what OpenSSL had to answer
  }
  return error ? 0 : count;
}

std::size_t TlsSession::write(std::span<const std::string_view> pieces,
                              Duration limit, std::error_code& error) {
  const Turn turn(is_writing_, "writes to");
  const Deadline deadline(limit);
  error.clear();
  // Something may be left of a write that was killed.
  if (!send_all(deadline, error)) return 0;
  const std::string_view record = first_record(pieces);
  if (record.empty()) return 0;
  std::size_t count = 0;
  ERR_clear_error();
  // Into out_, so it never has to wait.
  if (SSL_write_ex(ssl_.get(), record.data(), record.size(), &count) != 1) {
    error = take_tls_error();
    return 0;
  }
  send_all(deadline, error);
  return count;
}

void TlsSession::bid_farewell(Duration limit, std::error_code& error) {
  ERR_clear_error();
  error.clear();
  if ((SSL_get_shutdown(ssl_.get()) & SSL_SENT_SHUTDOWN) == 0 &&
      SSL_shutdown(ssl_.get()) < 0)
    error = take_tls_error();
  else
    send_all(Deadline(limit), error);
}

}  // namespace greenroom::detail
