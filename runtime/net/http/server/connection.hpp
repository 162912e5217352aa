// An HttpConnection is a greenlet that answers the requests of one client, in
// the order in which they come. Between requests it rests: it holds no stack
// and no buffer, and is scheduled again when the client sends.
//
// Thread rule: owning hub only.
#pragma once

#include "../../../core/greenlet.hpp"
#include "../../../core/hub.hpp"
#include "../../../core/timer.hpp"
#include "../../../core/wait.hpp"
#include "../../endpoint.hpp"
#include "../../io_watcher.hpp"
#include "../../stream_socket.hpp"

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/intrusive/list.hpp>

#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string_view>

namespace greenroom::detail {

class HttpExchange;
class HttpService;

// A place among the connections of a service.
using HttpPlace = boost::intrusive::list_base_hook<
    boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

class HttpConnection final : public Greenlet, public HttpPlace {
 public:
  HttpConnection(std::shared_ptr<HttpService> service, net::StreamSocket socket,
                 const net::Endpoint& peer);

  /// Closes the connection as soon as the answer under way, if any, is sent.
  void end_after_answer() noexcept;

 private:
  enum class Next : std::uint8_t { rest, later, close };

  // Schedules the connection when its socket is readable.
  class Arrival final : public WaitNode {
   public:
    explicit Arrival(HttpConnection& owner) noexcept : owner_(owner) {}
    void notified() noexcept override;

   private:
    HttpConnection& owner_;
  };

  // Ends a rest that is too long. The timer runs on over several rests: to
  // start and stop it for each would cost more.
  class Patience final : public Timer {
   public:
    explicit Patience(HttpConnection& owner) noexcept;
    void begin_rest(TimePoint until) noexcept;
    [[nodiscard]] bool is_over() const noexcept { return is_over_; }

   private:
    HttpConnection& owner_;
    TimePoint until_{};
    bool is_over_ = false;
  };

  void run() override {}
  void dispatch() noexcept override;
  void interrupted_at_rest() noexcept override { wake(); }
  void end_unbegun(std::exception_ptr why) noexcept override;
  void write_default_name(Label& label) const noexcept override;

  void wake() noexcept;
  void rest_until_arrival();
  Next serve();
  bool shake_hands();
  bool answer(std::string_view fresh);
  void read_header(HttpExchange& exchange, std::string_view fresh);
  void handle(HttpExchange& exchange);
  void bid_farewell();
  void close_gently();
  bool is_too_often() noexcept;
  void leave(const std::exception_ptr& why) noexcept;

  // const after construction
  const std::shared_ptr<HttpService> service_;
  const net::Endpoint peer_;

  // owning hub only
  std::unique_ptr<net::Socket> socket_;
  boost::beast::flat_buffer buffer_;  // what was read and not used yet
  Arrival arrival_{*this};
  std::optional<IoWatcher::Use> use_;  // while it rests
  Patience patience_{*this};
  bool is_secure_ = false;      // it has shaken hands
  bool has_arrived_;            // there may be something to read
  bool ends_ = false;           // see end_after_answer()
  TimePoint second_{};          // when the count began
  std::uint32_t requests_ = 0;  // since then
};

}  // namespace greenroom::detail
