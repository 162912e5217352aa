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
  /// A hub enters itself when it begins and leaves when it ends.
  static void add(Hub& hub);
  static void remove(Hub& hub) noexcept;

  /// Calls this for each hub, the oldest first. No hub begins, ends or forks
  /// meanwhile; only what any thread may do can be done with it.
  static void for_each(const std::function<void(Hub&)>& visit);

  /// Around fork(). The child has the hub of the calling thread, or null.
  static void before_fork() noexcept;
  static void after_fork_in_parent() noexcept;
  static void after_fork_in_child(Hub* survivor) noexcept;
};

}  // namespace detail
}  // namespace greenroom
