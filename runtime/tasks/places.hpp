// Places are the limit of a pool: there is a number of them, each member takes
// one, and others wait for one.
//
// Thread rule: owning hub only.
// Order: the one that waited longest gets the place that is given back, and
// nobody can come in between. Unlike gevent's Pool, whose semaphore hands over
// in two steps.
#pragma once

#include "../core/clock.hpp"
#include "../core/export.hpp"
#include "../core/wait.hpp"

#include <cstddef>
#include <limits>

namespace greenroom::detail {

class GREENROOM_API Places {
 public:
  static constexpr std::size_t unlimited =
      std::numeric_limits<std::size_t>::max();

  explicit Places(std::size_t capacity) noexcept : capacity_(capacity) {}

  /// Takes a place, and returns true. Parks until there is one; false if
  /// `limit` passes first.
  /// The owner of this must outlive the wait.
  /// Kill: throws GreenletExit, and no place is lost.
  /// Throws PoolClosed, also if it is closed during the wait.
  [[nodiscard]] bool take(Duration limit) {
    if (taken_ >= capacity_ || is_closed_) [[unlikely]]
      return take_later(limit);
    ++taken_;
    return true;
  }

  /// Gives a place back; it now belongs to the first that waits. Does not park.
  void give_back() noexcept;

  /// Parks until a place is free, and returns how many are: 0 if `limit` passes
  /// first or it is closed.
  std::size_t wait_free(Duration limit);

  /// Nobody gets a place any more; those that wait are told.
  void close() noexcept;

  /// Those that wait get in, as far as there is room now. Does not park.
  void set_capacity(std::size_t capacity) noexcept;

  [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }
  [[nodiscard]] bool is_closed() const noexcept { return is_closed_; }
  /// 0 once it is closed.
  [[nodiscard]] std::size_t free() const noexcept {
    return is_closed_ || taken_ >= capacity_ ? 0 : capacity_ - taken_;
  }

 private:
  bool take_later(Duration limit);

  // owning hub only
  std::size_t capacity_;
  std::size_t taken_ = 0;
  bool is_closed_ = false;
  WaitList takers_;
  WaitList lookers_;  // in wait_free()
};

}  // namespace greenroom::detail
