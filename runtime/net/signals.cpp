#include "signals.hpp"

#include "../core/errors.hpp"
#include "../core/greenlet.hpp"
#include "../core/hub.hpp"
#include "../tasks/spawn.hpp"
#include "io_user.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <exception>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

namespace greenroom::net {
namespace {

namespace asio = boost::asio;

using Call = std::shared_ptr<const std::function<void()>>;

void call_handler(int number, const Call& call) {
  try {
    (*call)();
  } catch (const GreenletExit&) {
    throw;  // the handler's own end
  } catch (...) {
    Hub& hub = Hub::current();
    hub.report("the handler of signal " + std::to_string(number),
               std::current_exception());
    hub.main().kill_soon(std::current_exception());
  }
}

}  // namespace

struct SignalHandler::State : std::enable_shared_from_this<State> {
  State(int its_number, std::function<void()> its_call)
      : number(its_number),
        call(
            std::make_shared<const std::function<void()>>(std::move(its_call))),
        hub(Hub::current()) {}

  void listen();
  void hear();
  void end() noexcept {
    signals.reset();
    listener.reset();
  }
  /// Those of the thread's hub; they end with it.
  static std::vector<std::weak_ptr<State>>& all_here();

  // const after construction
  const int number;
  // shared with the greenlets that call it
  const Call call;
  Hub& hub;

  // owning hub only; empty: cancelled
  std::optional<asio::signal_set> signals;
  std::optional<greenroom::detail::IoListener> listener;
};

std::vector<std::weak_ptr<SignalHandler::State>>&
SignalHandler::State::all_here() {
  thread_local constinit std::vector<std::weak_ptr<State>>* all = nullptr;
  if (all == nullptr) {
    all = new std::vector<std::weak_ptr<State>>;
    Hub::current().after_end([] {
      for (const auto& each : *all)
        if (const auto state = each.lock()) state->end();
      delete std::exchange(all, nullptr);
    });
  }
  std::erase_if(*all, [](const auto& each) { return each.expired(); });
  return *all;
}

void SignalHandler::State::listen() {
  boost::system::error_code error;
  signals.emplace(hub.io_context());
  signals->add(number, error);
  if (error) throw std::system_error(error, "signal " + std::to_string(number));
  listener.emplace(hub);
  all_here().push_back(weak_from_this());
  hear();
}

void SignalHandler::State::hear() {
  signals->async_wait(
      [self = shared_from_this()](const boost::system::error_code& error, int) {
        if (error || !self->signals) return;
        self->hear();
        spawn({.name = "signal " + std::to_string(self->number)}, &call_handler,
              self->number, self->call);
      });
}

void SignalHandler::cancel() noexcept {
  if (!state_->signals) return;
  state_->hub.assert_here("SignalHandler::cancel");
  state_->end();
}

SignalHandler handle_signal(int number, std::function<void()> call) {
  if (!call) throw std::invalid_argument("on_signal: nothing to call");
  auto state = std::make_shared<SignalHandler::State>(number, std::move(call));
  state->listen();
  return SignalHandler(std::move(state));
}

}  // namespace greenroom::net
