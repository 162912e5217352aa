// GroupMapping is what Group and ThreadPool have in common: apply() makes one
// call; map() and its like make one for each item of a range.
//
// Thread rule: as the group says.
// Order: calls begin in the order of the range.
// Behaves as gevent.pool.GroupMappingMixin (gevent 26.5, src/gevent/pool.py).
#pragma once

#include "imap.hpp"
#include "spawn.hpp"

#include <functional>
#include <type_traits>
#include <utility>

namespace greenroom::detail {

/// What a call has returned, moved out of the greenlet or AsyncResult that
/// makes it; or throws what it threw. Parks until it ends.
template <class T, class Result>
T take_from(Result& result) {
  if constexpr (std::is_void_v<T>)
    result.get();
  else
    return result.take();
}

/// TheGroup: the class that derives from this. It has spawn(function, args...),
/// begin(options, order, function, ranges...), which starts an IMap, and
/// applies_here(): true in one of its own calls.
template <class TheGroup>
class GroupMapping {
 public:
  /// spawn(), and parks until the call ends: what it returned, or throws what
  /// it threw. In a call of this group: calls it right here, because a full
  /// pool would wait for itself.
  /// Kill, Timeout: the greenlet waits no longer, the call runs to its end.
  template <class F, class... Args>
  auto apply(F&& function, Args&&... args) -> SpawnResult<F, Args...> {
    if (group().applies_here())
      return std::invoke(std::forward<F>(function),
                         std::forward<Args>(args)...);
    return take_from<SpawnResult<F, Args...>>(
        *group().spawn(std::forward<F>(function), std::forward<Args>(args)...));
  }

  /// Calls function(item) for each item, each call spawned for itself, and
  /// parks until all have ended: what they returned, in the order of the range.
  /// Or throws the failure that comes first in that order, or else what the
  /// range threw, once the last call has begun; the other calls run on. Several
  /// ranges are zipped. About ranges: imap.hpp.
  template <class F, MapRange... Ranges>
  auto map(F&& function, Ranges&&... ranges) {
    return imap(std::forward<F>(function), std::forward<Ranges>(ranges)...)
        .collect();
  }
  /// map() in a greenlet of its own, which does not belong to the group. Does
  /// not park.
  template <class F, MapRange... Ranges>
  auto map_async(F&& function, Ranges&&... ranges) {
    return greenroom::spawn(
        [all = imap(std::forward<F>(function),
                    std::forward<Ranges>(ranges)...)]() mutable {
          return all.collect();
        });
  }

  /// As map(), but hands out each result as it is asked for. Does not park.
  template <class F, MapRange... Ranges>
  auto imap(F&& function, Ranges&&... ranges) {
    return imap(ImapOptions{}, std::forward<F>(function),
                std::forward<Ranges>(ranges)...);
  }
  template <class F, MapRange... Ranges>
  auto imap(ImapOptions options, F&& function, Ranges&&... ranges) {
    return group().begin(options, ImapOrder::of_input,
                         std::forward<F>(function),
                         std::forward<Ranges>(ranges)...);
  }
  /// As imap(), in the order in which the calls end.
  template <class F, MapRange... Ranges>
  auto imap_unordered(F&& function, Ranges&&... ranges) {
    return imap_unordered(ImapOptions{}, std::forward<F>(function),
                          std::forward<Ranges>(ranges)...);
  }
  template <class F, MapRange... Ranges>
  auto imap_unordered(ImapOptions options, F&& function, Ranges&&... ranges) {
    return group().begin(options, ImapOrder::of_ending,
                         std::forward<F>(function),
                         std::forward<Ranges>(ranges)...);
  }

 private:
  friend TheGroup;
  GroupMapping() = default;
  ~GroupMapping() = default;

  TheGroup& group() noexcept { return static_cast<TheGroup&>(*this); }
};

}  // namespace greenroom::detail
