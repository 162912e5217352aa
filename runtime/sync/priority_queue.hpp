// A PriorityQueue is a Queue that gives its smallest item first.
//
// Thread rule: owning hub only, as for Queue.
// Order: items by Compare, equal ones in the order in which they were put
// (gevent compares the rest of the item); waiters in turn, as in Queue.
// Behaves as gevent.queue.PriorityQueue (gevent 26.5, src/gevent/queue.py).
#pragma once

#include "queue.hpp"

#include <cstddef>
#include <functional>
#include <set>
#include <utility>

namespace greenroom {

namespace detail {

template <class T, class Compare>
class SortedItems {
 public:
  [[nodiscard]] std::size_t size() const noexcept { return items_.size(); }
  [[nodiscard]] bool empty() const noexcept { return items_.empty(); }
  template <class U>
  void add(U&& item) {
    // Compares before it moves the item, in case comparing throws.
    const auto place = items_.upper_bound(item);
    items_.emplace_hint(place, std::in_place, std::forward<U>(item));
  }
  [[nodiscard]] T& next() noexcept { return items_.begin()->item; }
  void remove_next() noexcept { items_.erase(items_.begin()); }

 private:
  struct Entry {
    template <class U>
    Entry(std::in_place_t, U&& value) : item(std::forward<U>(value)) {}
    mutable T item;  // changes only while it is taken out
  };
  struct Order {
    using is_transparent = void;
    bool operator()(const Entry& a, const Entry& b) const {
      return compare(a.item, b.item);
    }
    bool operator()(const T& a, const Entry& b) const {
      return compare(a, b.item);
    }
    bool operator()(const Entry& a, const T& b) const {
      return compare(a.item, b);
    }
    [[no_unique_address]] Compare compare;
  };

  std::multiset<Entry, Order> items_;
};

}  // namespace detail

/// Unlike std::priority_queue, where std::less gives the largest first. Putting
/// and getting take time that grows with the logarithm of size().
template <class T, class Compare = std::less<T>>
class PriorityQueue : public Queue<T, detail::SortedItems<T, Compare>> {
 public:
  using Queue<T, detail::SortedItems<T, Compare>>::Queue;
};

}  // namespace greenroom
