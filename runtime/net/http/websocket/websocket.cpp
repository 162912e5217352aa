#include "websocket.hpp"

#include "../../../core/errors.hpp"
#include "../../../tasks/timeout.hpp"
#include "../client/dial.hpp"
#include "../server/exchange.hpp"
#include "../url.hpp"
#include "websocket_layer.hpp"

#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <boost/beast/websocket/stream.hpp>

#include <mutex>
#include <stdexcept>
#include <system_error>

namespace greenroom::http {
namespace {

namespace beast = boost::beast;
namespace websocket = boost::beast::websocket;
using boost::system::error_code;
using detail::WebSocketLayer;

// How long the other side has for its good-bye.
constexpr Duration kGoodBye = std::chrono::seconds(1);

constexpr std::uint16_t kGoneWithoutAWord = 1006;

}  // namespace

// Beast's stream, the layer below it, and the socket: its own on the client's
// side, the connection's on the server's.
class WebSocket::Impl {
 public:
  Impl(net::Socket& socket, beast::flat_buffer early,
       const WebSocketOptions& options)
      : socket_(socket), layer_(socket, std::move(early)), options_(options) {
    configure();
  }
  Impl(std::unique_ptr<net::Socket> socket, const WebSocketOptions& options)
      : own_(std::move(socket)),
        socket_(*own_),
        layer_(socket_, beast::flat_buffer()),
        options_(options) {
    configure();
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() = default;

  template <class Message>
  void accept(const Message& request) {
    error_code failed;
    stream_.accept(request, failed);
    if (failed) end(kGoneWithoutAWord);
  }
  void shake_hands(const Url& url);
  std::optional<Message> receive();
  void send(std::string_view data, bool is_text);
  void ping(std::string_view payload);
  void close(const websocket::close_reason& reason);

  [[nodiscard]] bool is_open() const noexcept { return code_ == 0; }
  [[nodiscard]] std::uint16_t code() const noexcept { return code_; }
  [[nodiscard]] std::string_view reason() const noexcept { return reason_; }

 private:
  void configure();
  bool read();
  void say_good_bye();
  void end(std::uint16_t code);
  void end_by(const error_code& failed);

  const std::unique_ptr<net::Socket> own_;  // null on the server's side
  net::Socket& socket_;
  WebSocketLayer layer_;
  const WebSocketOptions options_;
  websocket::stream<WebSocketLayer&> stream_{layer_};
  beast::flat_buffer message_;
  websocket::close_reason to_say_;
  bool has_pinged_ = false;  // and nothing came since
  std::uint16_t code_ = 0;   // 0: it is open
  std::string reason_;
};

void WebSocket::Impl::configure() {
  stream_.read_message_max(options_.message_size);
  websocket::permessage_deflate deflate;
  deflate.server_enable = options_.deflate;
  deflate.client_enable = options_.deflate;
  stream_.set_option(deflate);
  const auto decorate = [headers = options_.headers](auto& message) {
    message.erase(beast::http::field::server);
    for (const auto& [name, value] : headers) message.set(name, value);
  };
  stream_.set_option(websocket::stream_base::decorator(decorate));
  stream_.control_callback([this](websocket::frame_type, beast::string_view) {
    has_pinged_ = false;
  });
  socket_.set_timeout(options_.write_time);
}

void WebSocket::Impl::shake_hands(const Url& url) {
  const WebSocketLayer::Reading reading(layer_, options_.write_time);
  error_code failed;
  stream_.handshake(url.authority(), url.target, failed);
  if (failed)
    throw std::system_error(
        failed, "WebSocket handshake with " + url.authority() + url.target);
}

// ---- receiving

std::optional<WebSocket::Message> WebSocket::Impl::receive() {
  if (layer_.has_reader())
    throw ConcurrentObjectUseError("another greenlet receives already");
  while (is_open()) {
    if (!read()) continue;
    Message message{beast::buffers_to_string(message_.data()),
                    stream_.got_text()};
    message_.consume(message_.size());
    return message;
  }
  return std::nullopt;
}

// True: a whole message is there.
bool WebSocket::Impl::read() {
  bool is_silent = false;
  {
    const WebSocketLayer::Reading reading(layer_, options_.ping_interval);
    try {
      error_code failed;
      stream_.read_some(message_, 0, failed);
      has_pinged_ = false;
      if (!failed) return stream_.is_message_done();
      end_by(failed);
      return false;
    } catch (const WebSocketLayer::CloseRequested&) {
    } catch (const WebSocketLayer::Silence&) {
      is_silent = true;
    }
  }
  if (!is_silent)
    say_good_bye();
  else if (std::exchange(has_pinged_, true))
    end(kGoneWithoutAWord);
  else
    ping({});
  return false;
}

// ---- sending

void WebSocket::Impl::send(std::string_view data, bool is_text) {
  const std::scoped_lock lock(layer_.writing());
  if (!is_open()) throw ClientGone("the WebSocket is closed");
  error_code failed;
  try {
    stream_.text(is_text);
    stream_.write(boost::asio::buffer(data.data(), data.size()), failed);
  } catch (...) {
    end(kGoneWithoutAWord);  // half a message was sent
    throw;
  }
  if (!failed) return;
  end_by(failed);
  throw ClientGone(failed.message());
}

void WebSocket::Impl::ping(std::string_view payload) {
  if (payload.size() > websocket::ping_data::static_capacity)
    throw std::invalid_argument("a ping has at most 125 bytes, not " +
                                std::to_string(payload.size()));
  const std::scoped_lock lock(layer_.writing());
  if (!is_open()) throw ClientGone("the WebSocket is closed");
  error_code failed;
  stream_.ping({payload.data(), payload.size()}, failed);
  if (failed) end_by(failed);
}

// ---- ending

void WebSocket::Impl::close(const websocket::close_reason& reason) {
  if (!is_open() || layer_.is_close_requested()) return;
  to_say_ = reason;
  if (layer_.has_reader())
    layer_.request_close();
  else
    say_good_bye();
}

void WebSocket::Impl::say_good_bye() {
  layer_.take_close_request();
  const WebSocketLayer::Reading reading(layer_, kGoodBye);
  const auto patience = Timeout::start_new(kGoodBye);
  try {
    error_code failed;
    stream_.close(to_say_, failed);
    end(stream_.reason().code == websocket::close_code::none
            ? to_say_.code
            : stream_.reason().code);
  } catch (const WebSocketLayer::Silence&) {
    end(kGoneWithoutAWord);
  } catch (const TimeoutError& passed) {
    end(kGoneWithoutAWord);
    if (!passed.is(patience)) throw;
  }
}

void WebSocket::Impl::end_by(const error_code& failed) {
  if (failed != websocket::error::closed) {
    end(kGoneWithoutAWord);
    return;
  }
  const auto& said = stream_.reason();
  reason_.assign(said.reason.data(), said.reason.size());
  end(said.code == websocket::close_code::none ? 1005 : said.code);
}

void WebSocket::Impl::end(std::uint16_t code) {
  if (!is_open()) return;
  code_ = code;
  std::error_code ignored;                // it may be gone already
  socket_.set_timeout(Duration::zero());  // or not want to hear of it
  socket_.shutdown_write(ignored);
}

// ---- WebSocket

WebSocket::WebSocket(Request& request, Response& response,
                     const WebSocketOptions& options) {
  auto& exchange = response.exchange_;
  if (!is_websocket(request))
    throw HttpError(400, "a WebSocket handshake, please\n");
  if (request.header("Sec-WebSocket-Version").value_or("") != "13") {
    const HttpError refusal(426, "WebSocket version 13, please\n");
    response.set_status(refusal.status());
    response.set_header("Sec-WebSocket-Version", "13");
    response.send(refusal.what());
    throw HttpError(refusal);
  }
  impl_ = std::make_unique<Impl>(exchange.socket(), exchange.take_over(101),
                                 options);
  impl_->accept(exchange.request());
  if (!impl_->is_open()) throw ClientGone("the WebSocket handshake failed");
}

WebSocket::WebSocket(std::string_view url, const WebSocketOptions& options) {
  const Url target = Url::parse(url);
  if (target.scheme != "ws" && target.scheme != "wss")
    throw std::invalid_argument("'" + std::string(url) +
                                "' is not a URL of ws:// or wss://");
  impl_ = std::make_unique<Impl>(
      detail::dial(target, options.tls.get(), options.write_time), options);
  impl_->shake_hands(target);
}

WebSocket::WebSocket(WebSocket&&) noexcept = default;
WebSocket& WebSocket::operator=(WebSocket&&) noexcept = default;
WebSocket::~WebSocket() = default;

std::optional<WebSocket::Message> WebSocket::receive() {
  return impl_->receive();
}

void WebSocket::send_as(std::string_view data, bool is_text) {
  impl_->send(data, is_text);
}

void WebSocket::ping(std::string_view payload) { impl_->ping(payload); }

void WebSocket::close(std::uint16_t code, std::string_view reason) {
  impl_->close({websocket::close_code(code),
                beast::string_view(reason.data(), reason.size())});
}

bool WebSocket::is_open() const noexcept { return impl_->is_open(); }

std::uint16_t WebSocket::close_code() const noexcept { return impl_->code(); }

std::string_view WebSocket::close_reason() const noexcept {
  return impl_->reason();
}

bool is_websocket(const Request& request) {
  const auto upgrade = request.header("Upgrade").value_or("");
  return beast::iequals(beast::string_view(upgrade.data(), upgrade.size()),
                        "websocket") &&
         request.method() == "GET" && request.header("Sec-WebSocket-Key");
}

}  // namespace greenroom::http
