// A Service does the work of a Server, and outlives it as long as some of that
// work goes on.
//
// Thread rule: owning hub only.
#pragma once

#include "../../core/clock.hpp"
#include "../../core/greenlet.hpp"
#include "../../core/wait.hpp"
#include "../../tasks/pool.hpp"
#include "../endpoint.hpp"
#include "accept_loop.hpp"
#include "server.hpp"

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <system_error>

namespace greenroom::detail {

class Service : public std::enable_shared_from_this<Service> {
 public:
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;
  virtual ~Service() = default;

  // As Server's.
  void start();
  void stop(Duration grace);
  void serve_forever();
  void stop_accepting();
  void start_accepting();
  void abandon() noexcept;
  [[nodiscard]] bool started() const noexcept {
    return state_ == State::started;
  }
  [[nodiscard]] const net::Endpoint& endpoint() const noexcept {
    return endpoint_;
  }
  [[nodiscard]] std::size_t handlers() const noexcept {
    return handlers_.size();
  }

 protected:
  Service(const net::Endpoint& endpoint, const net::ServerOptions& options);

  /// Binds, and says where.
  virtual net::Endpoint open() = 0;
  virtual void close() noexcept = 0;
  /// Parks until there is something to take in.
  virtual void wait_for_arrival() = 0;
  /// A greenlet that handles one connection or datagram; null if none has come.
  virtual GreenletPtr take_in(std::error_code& error) = 0;

 private:
  enum class State : std::uint8_t { created, started, stopped };

  void accept_all();
  void accept_some();
  [[nodiscard]] bool has_room() const noexcept;
  void wait_for_room();
  void begin(const GreenletPtr& handler);
  void closes() noexcept;
  void has_ended() noexcept;

  // const after construction
  const net::ServerOptions options_;

  // owning hub only
  net::Endpoint endpoint_;
  State state_ = State::created;
  Pool handlers_;
  GreenletPtr acceptor_;  // null: does not accept
  AcceptLoop accept_loop_;
  bool has_ended_ = false;
  WaitList until_end_;  // those in serve_forever()
};

/// Handles one connection or datagram. What handle() throws is reported.
class ServiceHandler : public Greenlet {
 protected:
  explicit ServiceHandler(const net::Endpoint& peer) : peer_(peer) {}

  virtual void handle() = 0;

  [[nodiscard]] const net::Endpoint& peer() const noexcept { return peer_; }

 private:
  void run() final;

  const net::Endpoint peer_;
};

}  // namespace greenroom::detail
