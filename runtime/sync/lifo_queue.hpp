// A LifoQueue is a Queue that gives the item put last first.
//
// Thread rule: owning hub only, as for Queue.
// Order: last in, first out; those who wait in turn, as in Queue.
// Behaves as gevent.queue.LifoQueue (gevent 26.5, src/gevent/queue.py).
#pragma once

#include "queue.hpp"

#include <cstddef>
#include <deque>
#include <utility>

namespace greenroom {

namespace detail {

template <class T>
class LifoItems {
 public:
  [[nodiscard]] std::size_t size() const noexcept { return items_.size(); }
  [[nodiscard]] bool empty() const noexcept { return items_.empty(); }
  template <class U>
  void add(U&& item) {
    items_.push_back(std::forward<U>(item));
  }
  [[nodiscard]] T& next() noexcept { return items_.back(); }
  void remove_next() noexcept { items_.pop_back(); }

 private:
  // A vector's growth would not survive a move that throws.
  std::deque<T> items_;
};

}  // namespace detail

/// peek() shows what get() would take: an item that is put later goes before.
template <class T>
class LifoQueue : public Queue<T, detail::LifoItems<T>> {
 public:
  using Queue<T, detail::LifoItems<T>>::Queue;
};

}  // namespace greenroom
