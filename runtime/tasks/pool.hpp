// A Pool is a Group with a limit: adding a member to a full one waits until
// another member has ended. It limits, owns and supervises.
//
// Thread rule: owning hub only.
// Order: places are given first come, first served, and nobody can come in
// between (unlike gevent, where somebody may).
// Behaves as gevent.pool.Pool (gevent 26.5, src/gevent/pool.py).
#pragma once

#include "../core/clock.hpp"
#include "../core/export.hpp"
#include "group.hpp"

#include <concepts>
#include <cstddef>
#include <exception>
#include <stdexcept>
#include <utility>

namespace greenroom {

class GREENROOM_API Pool final : public Group {
 public:
  /// Without a limit, it is never full.
  Pool() : Group(detail::Places::unlimited) {}
  /// For at most `size` members; with 0 it is always full. Throws
  /// std::invalid_argument if it is negative.
  template <std::integral Size>
  explicit Pool(Size size) : Group(checked(size)) {}

  /// No place is free. A place that is given back while somebody waits is that
  /// one's, and not free.
  [[nodiscard]] bool full() const noexcept { return places().free() == 0; }
  /// How many places are free; 1 if there is no limit.
  [[nodiscard]] std::size_t free_count() const noexcept {
    return counted(places().free());
  }
  /// Parks until a place is free, and does not take it. Returns free_count(): 0
  /// if `limit` passes first or the pool is closed.
  std::size_t wait_available(Duration limit = forever);

  /// Takes no new members: those that wait for a place, or ask for one later,
  /// are thrown PoolClosed. The members go on.
  void close();
  /// True: it takes no new members.
  [[nodiscard]] bool is_closed() const noexcept { return places().is_closed(); }

  /// As Group::kill(), and closes the pool first. Unlike gevent, where those
  /// that wait for a place, or feed a map, then go on with new members.
  bool kill(std::exception_ptr what = nullptr,
            Duration limit = forever) override;
  void kill_soon(std::exception_ptr what = nullptr) override;

 private:
  template <class Size>
  static std::size_t checked(Size size) {
    if (std::cmp_less(size, 0))
      throw std::invalid_argument("a Pool cannot have less than 0 places");
    return static_cast<std::size_t>(size);
  }
  [[nodiscard]] detail::Places& places() const noexcept {
    return roster().places();
  }
  [[nodiscard]] std::size_t counted(std::size_t free) const noexcept {
    return places().capacity() == detail::Places::unlimited && free != 0 ? 1
                                                                         : free;
  }
};

}  // namespace greenroom
