// Waiting for several things at once.
//
// Thread rule: owning hub only.
// Order: results come in the order in which things became ready.
// Behaves as gevent.joinall, killall, wait, iwait (gevent 26.5,
// src/gevent/greenlet.py, _hub_primitives.py).
#pragma once

#include "../core/clock.hpp"
#include "../core/deadline.hpp"
#include "../core/export.hpp"
#include "../core/greenlet.hpp"
#include "../core/std_parts.hpp"
#include "../core/wait.hpp"

#include <cstddef>
#include <deque>
#include <exception>
#include <initializer_list>
#include <iterator>
#include <limits>
#include <type_traits>
#include <utility>
#include <vector>

namespace greenroom {

/// No limit on the number of things to wait for.
inline constexpr std::size_t all_of_them =
    std::numeric_limits<std::size_t>::max();

/// As the last argument of joinall(): the earliest failure is rethrown at once,
/// and the others run on.
enum class RaiseError : bool { no, yes };
/// What one writes: joinall(greenlets, forever, raise_error).
inline constexpr RaiseError raise_error = RaiseError::yes;

/// Anything that can be waited for, given by reference, pointer or handle.
class WaitableRef {
 public:
  /// Must live until the wait has ended.
  WaitableRef(Waitable& object) noexcept : object_(&object) {}  // NOLINT
  /// Not null. Must live until the wait has ended.
  WaitableRef(Waitable* object) noexcept : object_(object) {}  // NOLINT
  /// Not null. Keeps no handle.
  template <class G>
  WaitableRef(const boost::intrusive_ptr<G>& greenlet) noexcept  // NOLINT
      : object_(greenlet.get()) {}

  /// What is waited for.
  [[nodiscard]] Waitable* get() const noexcept { return object_; }

 private:
  Waitable* object_;
};

/// Waits for several objects, and gives them one by one as they become ready.
/// Also a range: `for (Waitable* done : iwait(objects))`. Leaving the loop
/// early is fine.
class GREENROOM_API MultiWait {
 public:
  /// An input iterator that waits for the next object: for range-for.
  class Iterator;

  /// As iwait().
  explicit MultiWait(const std::vector<WaitableRef>& objects,
                     Duration limit = forever, std::size_t count = all_of_them);
  MultiWait(const MultiWait&) = delete;
  MultiWait& operator=(const MultiWait&) = delete;
  ~MultiWait() = default;

  /// Parks until another object is ready, and returns it; null after `count` of
  /// them, after the last one, or when `limit` has passed since construction.
  [[nodiscard]] Waitable* next();

  /// Parks until the first object is ready. Each `++it` waits as next().
  [[nodiscard]] Iterator begin();
  [[nodiscard]] static std::default_sentinel_t end() noexcept { return {}; }

 private:
  // Stands in the list of one object, for whoever waits for all of them.
  class Watch final : public WaitNode {
   public:
    Watch(MultiWait& owner, Waitable& object)
        : owner_(owner), object_(object) {}
    void notified() noexcept override;

   private:
    MultiWait& owner_;
    Waitable& object_;
  };

  // const after construction
  const detail::Deadline deadline_;

  // owning hub only
  std::size_t left_;
  std::deque<Watch> watches_;
  std::vector<Waitable*> ready_;  // not handed out yet, oldest first
  std::size_t handed_out_ = 0;
  WaitList waiter_;
};

class MultiWait::Iterator {
 public:
  using value_type = Waitable*;
  using difference_type = std::ptrdiff_t;

  explicit Iterator(MultiWait& wait) : wait_(&wait), current_(wait.next()) {}
  Waitable* operator*() const noexcept { return current_; }
  Iterator& operator++() {
    current_ = wait_->next();
    return *this;
  }
  void operator++(int) { ++*this; }
  bool operator==(std::default_sentinel_t) const noexcept {
    return current_ == nullptr;
  }

 private:
  MultiWait* wait_;
  Waitable* current_;
};

/// The objects as they become ready.
[[nodiscard]] inline MultiWait iwait(const std::vector<WaitableRef>& objects,
                                     Duration limit = forever,
                                     std::size_t count = all_of_them) {
  return MultiWait(objects, limit, count);
}

/// Parks until all of the objects, or `count` of them, are ready, or `limit`
/// passes. Returns those that are ready, in the order in which they became so.
GREENROOM_API std::vector<Waitable*> wait(
    const std::vector<WaitableRef>& objects, Duration limit = forever,
    std::size_t count = all_of_them);

/// Main greenlet only. Parks until nothing is left to do, and returns true;
/// false if `limit` passes first.
GREENROOM_API bool wait(Duration limit = forever);

namespace detail {

GREENROOM_API std::vector<GreenletPtr> join_all(
    const std::vector<GreenletPtr>& greenlets, Duration limit, RaiseError raise,
    std::size_t count);
GREENROOM_API bool kill_all(const std::vector<GreenletPtr>& greenlets,
                            const std::exception_ptr& what, Duration limit);

template <class Range>
concept GreenletRange = std::ranges::input_range<Range> &&
    std::is_convertible_v<std::ranges::range_reference_t<Range>, GreenletPtr>;

template <class Range>
std::vector<GreenletPtr> to_vector(Range&& range) {
  std::vector<GreenletPtr> greenlets;
  for (auto&& greenlet : range) greenlets.emplace_back(greenlet);
  return greenlets;
}

}  // namespace detail

/// Parks until all of the greenlets, or `count` of them, have ended, or `limit`
/// passes. Returns those that have ended, in the order in which they did.
inline std::vector<GreenletPtr> joinall(
    std::initializer_list<GreenletPtr> greenlets, Duration limit = forever,
    RaiseError raise = RaiseError::no, std::size_t count = all_of_them) {
  return detail::join_all(greenlets, limit, raise, count);
}
template <detail::GreenletRange Range>
std::vector<GreenletPtr> joinall(Range&& greenlets, Duration limit = forever,
                                 RaiseError raise = RaiseError::no,
                                 std::size_t count = all_of_them) {
  return detail::join_all(detail::to_vector(greenlets), limit, raise, count);
}

/// Calls f(), parks until the greenlet has ended, and returns what f() did. If
/// f() or that wait throws, kills the greenlet with the same exception, without
/// waiting for its end. gevent's `with spawn(g):`; in C++ that would be a
/// destructor that parks.
template <class G, class F>
auto with_joined(const boost::intrusive_ptr<G>& greenlet, F&& f)
    -> std::invoke_result_t<F> {
  try {
    if constexpr (std::is_void_v<std::invoke_result_t<F>>) {
      std::forward<F>(f)();
      greenlet->join();
    } else {
      decltype(auto) result = std::forward<F>(f)();
      greenlet->join();
      return result;
    }
  } catch (...) {
    greenlet->kill_soon(std::current_exception());
    throw;
  }
}

/// Throws `what` (default: GreenletExit) into all of them, in this order, and
/// parks until they have ended. True: all have; false: some survive `limit`.
/// Those that never ran end at once.
inline bool killall(std::initializer_list<GreenletPtr> greenlets,
                    std::exception_ptr what = nullptr,
                    Duration limit = forever) {
  return detail::kill_all(greenlets, what, limit);
}
template <detail::GreenletRange Range>
bool killall(Range&& greenlets, std::exception_ptr what = nullptr,
             Duration limit = forever) {
  return detail::kill_all(detail::to_vector(greenlets), what, limit);
}

}  // namespace greenroom
