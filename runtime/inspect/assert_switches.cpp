#include "assert_switches.hpp"

#include "../core/hub.hpp"

#include <sstream>

namespace greenroom::detail {

SwitchWatch::SwitchWatch(Hub& hub)
    : hub_(hub), taken_at_begin_(hub.taken()), begin_(hub.clock().now()) {
  hub.assert_may_park();
  who_ = hub.running()->name();
  hub.watch_dispatches(*this);
}

// Whoever ran has given way; the first in the queue is next.
void SwitchWatch::notified() noexcept {
  hub_.watch_dispatches(*this);
  end_stretch();
  const Greenlet* next = hub_.next_ready();
  who_ = next == nullptr ? "" : next->name();
  begin_ = hub_.clock().now();
}

// No name: the hub slept, or ran its callbacks.
void SwitchWatch::end_stretch() {
  const Duration stretch = hub_.clock().now() - begin_;
  if (who_.empty() || stretch <= longest_) return;
  longest_ = stretch;
  longest_who_ = who_;
}

void SwitchWatch::check(Duration limit) {
  end_stretch();
  if (longest_ <= limit) return;
  const auto in_seconds = [](Duration time) {
    return std::chrono::duration<double>(time).count();
  };
  std::ostringstream text;
  text << longest_who_ << " kept " << hub_.name() << " for "
       << in_seconds(longest_) << " s without giving way; " << in_seconds(limit)
       << " s are allowed";
  throw FailedToSwitch(text.str());
}

void SwitchWatch::check_any() const {
  if (hub_.taken() == taken_at_begin_)
    throw FailedToSwitch(who_ + " did not give way at all");
}

}  // namespace greenroom::detail
