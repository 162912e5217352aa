// The hubs of this process, for those who look at all of them: reports and the
// watchdog.
//
// Thread rule: any thread.
#pragma once

#include <cstddef>
#include <functional>

namespace greenroom {

class Hub;

namespace detail {

class HubList {
 public:
  /// A hub adds itself when it begins and removes itself when it ends.
  static void add(Hub& hub);
  static void remove(Hub& hub) noexcept;

  /// Calls `visit` for each hub, the oldest first. No hub begins, ends or forks
  /// meanwhile. `visit` may only do what any thread may do with a hub.
  static void for_each(const std::function<void(Hub&)>& visit);

  /// Called around fork(). In the child only `survivor` stays: the hub of the
  /// calling thread, or null.
  static void before_fork() noexcept;
  static void after_fork_in_parent() noexcept;
  static void after_fork_in_child(Hub* survivor) noexcept;
};

}  // namespace detail
}  // namespace greenroom
