// A Queue hands items from greenlets that put to greenlets that get, and lets
// either wait for the other.
//
// An item is handed over in two steps: it lies in the queue until the greenlet
// that was woken for it runs. One that runs before may take it. The same goes
// for room.
//
// Thread rule: owning hub only. From elsewhere, Hub::post() a put_nowait().
// Order: first in, first out. Waiters are served in the order in which they
// began to wait; one that was woken in vain keeps its place.
// Behaves as gevent.queue.Queue (gevent 26.5, src/gevent/queue.py).
#pragma once

#include "../core/clock.hpp"
#include "queue_base.hpp"
#include "wait_line.hpp"

#include <cstddef>
#include <deque>
#include <initializer_list>
#include <iterator>
#include <utility>

namespace greenroom {

namespace detail {

// Items in the order in which they were put; derived classes say which is next.
// A vector's growth would not survive a move that throws.
template <class T>
class ItemsAsPut {
 public:
  [[nodiscard]] std::size_t size() const noexcept { return items_.size(); }
  [[nodiscard]] bool empty() const noexcept { return items_.empty(); }
  template <class U>
  void add(U&& item) {
    items_.push_back(std::forward<U>(item));
  }

 protected:
  std::deque<T> items_;
};

template <class T>
class FifoItems : public ItemsAsPut<T> {
 public:
  [[nodiscard]] T& next() noexcept { return this->items_.front(); }
  void remove_next() noexcept { this->items_.pop_front(); }
};

}  // namespace detail

/// T: any type that can be moved. Items: holds the items and says which is
/// next; it has the functions of FifoItems. If its add() throws, nothing has
/// changed. Its remove_next() is called after the item was moved out of next().
///
/// Must outlive the greenlets that it wakes. For wait() and iwait() it is ready
/// while there is something to get; by the time the caller runs, another
/// greenlet may have taken it.
template <class T, class Items = detail::FifoItems<T>>
class Queue : public detail::QueueBase {
 public:
  using value_type = T;
  /// An input iterator that gets items: for range-for.
  using Iterator = detail::TakingIterator<Queue>;

  /// Belongs to the calling thread's hub. Full with `maxsize` items; with 0,
  /// never.
  explicit Queue(std::size_t maxsize = 0) : maxsize_(maxsize) {}
  /// Begins with these items, even if they are more than `maxsize`.
  template <class Range = std::initializer_list<T>>
  Queue(std::size_t maxsize, Range&& items) : maxsize_(maxsize) {
    for (auto&& item : items) add(std::forward<decltype(item)>(item));
  }
  /// Nobody waits any more.
  virtual ~Queue() = default;

  /// Puts an item in; parks while the queue is full. If it throws, the item
  /// stays where it was: it is copied or moved only when there is room.
  /// Throws Full if `limit` passes first, and Closed.
  /// Kill: the item is not put. Once room was made for it, the kill is too
  /// late, and is thrown at the next wait.
  void put(const T& item, Duration limit = forever) { put_as(item, limit); }
  void put(T&& item, Duration limit = forever) {
    put_as(std::move(item), limit);
  }
  /// As put(), without parking. So a callback of the hub may call it, too.
  void put_nowait(const T& item) { put_nowait_as(item); }
  void put_nowait(T&& item) { put_nowait_as(std::move(item)); }

  /// Takes the next item; parks while there is none. If moving it throws, it
  /// stays the next.
  /// Throws Empty if `limit` passes first, and Closed once the queue is closed
  /// and nothing is left in it.
  /// Kill: nothing is taken. Once an item was put for it, the kill is too late,
  /// and is thrown at the next wait.
  T get(Duration limit = forever) {
    assert_here("Queue::get");
    if (!wait_for_item(limit)) throw_closed();
    return take();
  }
  /// As get(), without parking. So a callback of the hub may call it, too.
  T get_nowait() {
    assert_here("Queue::get_nowait");
    if (items_.empty()) throw_no_item();
    return take();
  }

  /// As get(), but the item stays. The reference is valid until the queue
  /// changes.
  const T& peek(Duration limit = forever) {
    assert_here("Queue::peek");
    const bool waits = items_.empty();
    if (!wait_for_item(limit)) throw_closed();
    if (waits) getters_.wake_one();  // it stays there for another
    return items_.next();
  }
  /// As peek(), without parking: throws Empty, or Closed.
  const T& peek_nowait() {
    assert_here("Queue::peek_nowait");
    if (items_.empty()) throw_no_item();
    return items_.next();
  }

  /// From now on put() throws Closed, also in greenlets that wait there. get()
  /// goes on until nothing is left; greenlets that wait there throw Closed.
  /// Does nothing the second time.
  void close() {
    assert_here("Queue::close");
    mark_closed();
    getters_.wake_all();
    putters_.wake_all();
    tell_watchers();
  }

  /// Drops all items, and returns how many there were.
  std::size_t clear() {
    assert_here("Queue::clear");
    const std::size_t count = size();
    for (std::size_t i = 0; i < count; ++i) static_cast<void>(take());
    return count;
  }

  /// Gets items until the queue is closed and empty: `for (T item : queue)`.
  /// Leaving the loop early is fine.
  [[nodiscard]] Iterator begin() { return Iterator(*this); }
  [[nodiscard]] static std::default_sentinel_t end() noexcept { return {}; }

  /// How many items lie in it.
  [[nodiscard]] std::size_t size() const noexcept { return items_.size(); }
  /// True: nothing lies in it.
  [[nodiscard]] bool empty() const noexcept { return items_.empty(); }
  /// True: there is no room. Never with a maxsize of 0.
  [[nodiscard]] bool full() const noexcept {
    return maxsize_ != 0 && items_.size() >= maxsize_;
  }
  /// 0: it is never full.
  [[nodiscard]] std::size_t maxsize() const noexcept { return maxsize_; }
  /// get() would not park.
  [[nodiscard]] bool ready() const noexcept final {
    return !items_.empty() || is_closed();
  }

 protected:
  /// How many items have ever been put.
  [[nodiscard]] std::size_t added() const noexcept { return added_; }

 private:
  friend Iterator;

  template <class U>
  void put_as(U&& item, Duration limit) {
    assert_here("Queue::put");
    if (is_closed() || full()) [[unlikely]]
      wait_for_room(limit);
    add(std::forward<U>(item));
  }

  template <class U>
  void put_nowait_as(U&& item) {
    assert_here("Queue::put_nowait");
    if (is_closed()) throw_closed();
    if (full()) throw_full();
    add(std::forward<U>(item));
  }

  template <class U>
  void add(U&& item) {
    try {
      items_.add(std::forward<U>(item));
    } catch (...) {
      putters_.wake_one();  // the room is there for another
      throw;
    }
    ++added_;
    getters_.wake_one();
    tell_watchers();
  }

  // Between wait_for_item() and take() nothing may park.
  T take() {
    T item = move_out();
    items_.remove_next();
    putters_.wake_one();
    return item;
  }
  T move_out() {
    try {
      return std::move(items_.next());
    } catch (...) {
      getters_.wake_one();  // the item is there for another
      throw;
    }
  }

  // False if the queue is closed and empty. Throws Empty.
  bool wait_for_item(Duration limit) {
    if (!items_.empty()) [[likely]]
      return true;
    if (is_closed()) return false;
    if (!getters_.wait(kWaitsForItem, this, limit, [this] { return ready(); }))
      throw_empty();
    return !items_.empty();
  }

  // Throws Full and Closed.
  void wait_for_room(Duration limit) {
    if (is_closed()) throw_closed();
    if (!putters_.wait(kWaitsForRoom, this, limit,
                       [this] { return !full() || is_closed(); }))
      throw_full();
    if (is_closed()) throw_closed();
  }

  [[noreturn]] void throw_no_item() const {
    if (is_closed()) throw_closed();
    throw_empty();
  }

  // const after construction
  const std::size_t maxsize_;

  // owning hub only
  Items items_;
  std::size_t added_ = 0;
  detail::WaitLine getters_;
  detail::WaitLine putters_;
};

}  // namespace greenroom
