// A RawGreenlet is switched to by hand: it runs when somebody says so, not in
// its turn.
//
//   RawGreenletPtr ping, pong;
//   ping = make_raw([&] { pong->switch_to(); });
//   pong = make_raw([&] { ping->switch_to(); });
//   ping->switch_to();
//
// It is still a greenlet of its hub: it may sleep and wait for anything, be
// killed and joined. Only a raw greenlet that has not begun, or stands at a
// switch, can be switched to; one that waits for something else is the hub's.
//
// Thread rule: owning hub only.
// Behaves as greenlet.greenlet (greenlet 3.0).
#pragma once

#include "../core/export.hpp"
#include "../core/greenlet.hpp"

#include <functional>

namespace greenroom {

/// Its parent is the greenlet that made it. When it ends, its parent goes on if
/// that stands at a switch; if not, and the parent is raw, the parent's parent,
/// and so on. If none does, the hub goes on with what is ready.
class GREENROOM_API RawGreenlet final : public Greenlet {
 public:
  /// Calls `function()` when it is first switched to. Its parent is the current
  /// greenlet.
  explicit RawGreenlet(std::function<void()> function);

  /// Goes on with this one at once, and parks the current greenlet until
  /// somebody switches back to it, or a child of it ends.
  /// Throws what a child failed with; InvalidSwitchError if this one is
  /// running, has ended, or waits for something else than a switch.
  /// Kill: throws.
  void switch_to();

  /// The greenlet that made it.
  [[nodiscard]] const GreenletPtr& parent() const noexcept { return parent_; }

 private:
  struct Switch;

  void run() override;
  void dispatch() noexcept override;
  Switch* find_waiting_parent() noexcept;

  // const after construction
  const GreenletPtr parent_;

  // owning hub only
  std::function<void()> function_;
};

/// A handle of a raw greenlet.
using RawGreenletPtr = boost::intrusive_ptr<RawGreenlet>;

/// A raw greenlet that calls `function()`.
[[nodiscard]] inline RawGreenletPtr make_raw(std::function<void()> function) {
  return make_greenlet<RawGreenlet>(std::move(function));
}

}  // namespace greenroom
