// A LifoQueue is a Queue that gives first the item that was put last.
//
// Thread rule: owning hub only, as for Queue.
// Order: items last in, first out; waiters in turn, as in Queue.
// Behaves as gevent.queue.LifoQueue (gevent 26.5, src/gevent/queue.py).
#pragma once

#include "queue.hpp"

namespace greenroom {

namespace detail {

template <class T>
class LifoItems : public ItemsAsPut<T> {
 public:
  [[nodiscard]] T& next() noexcept { return this->items_.back(); }
  void remove_next() noexcept { this->items_.pop_back(); }
};

}  // namespace detail

/// peek() shows what get() would take now; an item that is put later comes
/// before it.
template <class T>
class LifoQueue : public Queue<T, detail::LifoItems<T>> {
 public:
  using Queue<T, detail::LifoItems<T>>::Queue;
};

}  // namespace greenroom
