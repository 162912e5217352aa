// The event loop of a hub: Boost.Asio's io_context, owned or borrowed, behind
// the few calls that a hub needs. Keeps Asio out of the other headers.
//
// Thread rule: owning hub only.
#pragma once

#include "clock.hpp"

#include <memory>

namespace boost::asio {
class io_context;
}

namespace greenroom::detail {

class EventLoop {
 public:
  /// Drives `borrowed`, or an io_context of its own if that is null, and
  /// wakes up when `bell` (an eventfd) becomes readable.
  EventLoop(boost::asio::io_context* borrowed, int bell);
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;
  ~EventLoop();

  [[nodiscard]] boost::asio::io_context& context() noexcept;

  /// Runs the handlers that are ready, without waiting. True if there were any.
  bool poll();

  /// Waits until a handler is ready, the bell rings or `due` has come, and runs
  /// what is ready.
  void sleep_until(TimePoint due);

  /// Called around fork(): see io_context::notify_fork. `bell` is the child's
  /// new one.
  void before_fork();
  void after_fork_in_parent();
  void after_fork_in_child(int bell);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace greenroom::detail
