#include "event_loop.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <optional>
#include <system_error>

namespace greenroom::detail {

namespace asio = boost::asio;

struct EventLoop::State {
  State(asio::io_context* borrowed, int bell_fd)
      : own(borrowed == nullptr ? std::make_unique<asio::io_context>(1)
                                : nullptr),
        context(borrowed == nullptr ? *own : *borrowed),
        work(asio::make_work_guard(context)),
        alarm(context),
        bell(context) {
    listen(bell_fd);
  }

  // The bell belongs to the door, which outlives the hub: use a copy of it.
  void listen(int bell_fd) {
    const int copy = dup(bell_fd);
    if (copy < 0)
      throw std::system_error(errno, std::generic_category(),
                              "greenroom: dup of a hub's bell");
    bell.assign(copy);
    wait_for_bell();
  }

  void wait_for_bell() {
    bell.async_wait(asio::posix::stream_descriptor::wait_read,
                    [this](const boost::system::error_code& error) {
                      if (error) return;
                      std::uint64_t rings = 0;
                      // Finds nothing if another copy of it was read first.
                      (void)!read(bell.native_handle(), &rings, sizeof rings);
                      wait_for_bell();
                    });
  }

  const std::unique_ptr<asio::io_context> own;
  asio::io_context& context;
  asio::executor_work_guard<asio::io_context::executor_type> work;
  asio::steady_timer alarm;
  asio::posix::stream_descriptor bell;
};

EventLoop::EventLoop(asio::io_context* borrowed, int bell)
    : state_(std::make_unique<State>(borrowed, bell)) {}

EventLoop::~EventLoop() {
  // A borrowed io_context goes on without us: take our handlers out of it.
  state_->bell.close();
  state_->alarm.cancel();
  state_->work.reset();
  state_->context.poll();
}

asio::io_context& EventLoop::context() noexcept { return state_->context; }

bool EventLoop::poll() { return state_->context.poll() != 0; }

void EventLoop::sleep_until(TimePoint due) {
  if (due != TimePoint::max()) {
    // Not run_one_until(), which waits in whole milliseconds.
    state_->alarm.expires_at(due);
    state_->alarm.async_wait([](const boost::system::error_code&) {});
  }
  state_->context.run_one();
  // Cancel the alarm if it has not gone off. The next sleep would cancel it too
  // late: then its handler would end that sleep at once.
  state_->alarm.cancel();
  state_->context.poll();
}

void EventLoop::before_fork() {
  state_->context.notify_fork(asio::execution_context::fork_prepare);
}

void EventLoop::after_fork_in_parent() {
  state_->context.notify_fork(asio::execution_context::fork_parent);
}

void EventLoop::after_fork_in_child(int bell) {
  state_->context.notify_fork(asio::execution_context::fork_child);
  state_->bell.close();
  state_->context.poll();
  state_->listen(bell);
}

}  // namespace greenroom::detail
