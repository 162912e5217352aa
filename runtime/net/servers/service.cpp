#include "service.hpp"

#include "../../core/errors.hpp"
#include "../../core/hub.hpp"
#include "../../tasks/spawn.hpp"

#include <stdexcept>
#include <string>
#include <utility>

namespace greenroom::detail {
namespace {

constexpr WaitReason kServes{"the end of a server", true};

}  // namespace

Service::Service(const net::Endpoint& endpoint,
                 const net::ServerOptions& options)
    : options_(options), endpoint_(endpoint), handlers_(options.max_handlers) {}

// ---- its life

void Service::start() {
  if (state_ == State::stopped)
    throw std::logic_error("the server of " + endpoint_.to_string() +
                           " was stopped; make another one");
  if (started()) return;
  endpoint_ = open();
  state_ = State::started;
  start_accepting();
}

void Service::start_accepting() {
  if (!started())
    throw std::logic_error("the server of " + endpoint_.to_string() +
                           " is not started");
  if (acceptor_ != nullptr) return;
  acceptor_ = spawn([self = shared_from_this()] { self->accept_all(); });
}

void Service::stop_accepting() {
  if (const auto acceptor = std::exchange(acceptor_, nullptr)) acceptor->kill();
}

void Service::stop(Duration grace) {
  closes();
  if (Greenlet* self = Hub::current().running(); self != nullptr)
    handlers_.discard(self);
  try {
    if (!handlers_.join(grace)) handlers_.kill();
  } catch (...) {
    handlers_.kill_soon();
    has_ended();
    throw;
  }
  has_ended();
}

void Service::abandon() noexcept {
  if (started()) {
    closes();
    handlers_.kill_soon();
  }
  has_ended();
}

void Service::serve_forever() {
  start();
  try {
    if (has_ended_) return;
    Waiter waiter(kServes, this);
    until_end_.add(waiter);
    waiter.park();
  } catch (...) {
    stop(Duration::zero());
    throw;
  }
}

void Service::closes() noexcept {
  state_ = State::stopped;
  if (const auto acceptor = std::exchange(acceptor_, nullptr))
    acceptor->kill_soon();
  close();
}

void Service::has_ended() noexcept {
  has_ended_ = true;
  until_end_.notify_all();
}

// ---- taking in

void Service::accept_all() {
  accept_loop_.run(
      "the server of " + endpoint_.to_string(), [this] { return started(); },
      [this] { accept_some(); });
  if (!started()) return;
  closes();
  has_ended();
}

// One turn.
void Service::accept_some() {
  wait_for_room();
  wait_for_arrival();
  for (std::size_t i = 0; i < options_.max_accept; ++i) {
    if (!started() || !has_room()) return;
    std::error_code error;
    const auto handler = take_in(error);
    if (error)
      throw std::system_error(error, "accept at " + endpoint_.to_string());
    if (handler == nullptr) return;
    begin(handler);
    accept_loop_.has_accepted();
  }
  sleep();  // there may be more, but others want to run, too
}

void Service::begin(const GreenletPtr& handler) {
  if (options_.pool != nullptr) options_.pool->start(handler);
  handlers_.start(handler);
}

bool Service::has_room() const noexcept {
  return !handlers_.full() &&
         (options_.pool == nullptr || !options_.pool->full() ||
          options_.pool->is_closed());
}

void Service::wait_for_room() {
  while (!has_room()) {
    handlers_.wait_available();
    if (options_.pool != nullptr) options_.pool->wait_available();
  }
}

// ---- handlers

void ServiceHandler::run() {
  try {
    handle();
  } catch (const GreenletExit&) {
    throw;
  } catch (...) {
    hub().report("the handler of " + peer_.to_string() + ", " + name(),
                 std::current_exception());
  }
}

}  // namespace greenroom::detail
