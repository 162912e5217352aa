// A Channel is a queue without room: a greenlet that puts meets one that gets,
// and the one that comes first waits for the other.
//
// Thread rule: owning hub only. From elsewhere, Hub::post() a put_nowait().
// Order: first come, first served, on both sides. Nobody comes in between two
// that have met; of these, the one that gets goes on first.
// Behaves as gevent.queue.Channel (gevent 26.5, src/gevent/queue.py).
#pragma once

#include "../core/clock.hpp"
#include "queue_base.hpp"
#include "wait_line.hpp"

#include <boost/intrusive/list.hpp>

#include <cstddef>
#include <iterator>
#include <list>
#include <utility>

namespace greenroom {

/// T: any type that can be moved. Must outlive the greenlets that it wakes. For
/// wait() and iwait() it is ready while somebody waits to put.
template <class T>
class Channel final : public detail::QueueBase {
 public:
  using value_type = T;
  /// An input iterator that gets items: for range-for.
  using Iterator = detail::TakingIterator<Channel>;

  /// Belongs to the calling thread's hub.
  Channel() = default;
  ~Channel() = default;

  /// Parks until somebody has taken the item. If it throws, nobody has, and the
  /// item stays where it was. Throws Full if `limit` passes first, and Closed.
  /// Kill: the item is not put. Once somebody was woken to take it, the kill is
  /// too late, and is thrown at the next wait.
  void put(T&& item, Duration limit = forever);
  void put(const T& item, Duration limit = forever) {
    T copy(item);
    put(std::move(copy), limit);
  }
  /// Gives the item to the getter that has waited longest. Throws Full if
  /// nobody waits, and Closed. Does not park, so a callback of the hub may call
  /// it, too. Unlike gevent's, which gives way.
  void put_nowait(T&& item) { put_nowait_as(std::move(item)); }
  void put_nowait(const T& item) { put_nowait_as(item); }

  /// Takes the item of the putter that has waited longest; parks while nobody
  /// puts. If moving the item throws, it stays there for the next getter.
  /// Throws Empty if `limit` passes first, and Closed.
  /// Kill: nothing is taken. Once it was woken for an item, the kill is too
  /// late, and is thrown at the next wait.
  T get(Duration limit = forever) {
    assert_here("Channel::get");
    if (!wait_for_item(limit)) throw_closed();
    return take();
  }
  /// As get() without parking: throws Empty if nobody waits to put.
  T get_nowait() {
    assert_here("Channel::get_nowait");
    if (first_offer() == nullptr) {
      if (is_closed()) throw_closed();
      throw_empty();
    }
    return take();
  }

  /// Those that wait, and those that come later, throw Closed. Two that have
  /// met end their meeting first. Does nothing the second time.
  void close();

  /// Gets items until the channel is closed: `for (T item : channel)`.
  [[nodiscard]] Iterator begin() { return Iterator(*this); }
  [[nodiscard]] static std::default_sentinel_t end() noexcept { return {}; }

  /// How many wait to put, less how many wait to get.
  [[nodiscard]] std::ptrdiff_t balance() const noexcept {
    std::ptrdiff_t putters = 0;
    for (const auto& offer : offers_) putters += stands(offer) ? 1 : 0;
    return putters - std::ssize(getters_);
  }
  /// get() would not park.
  [[nodiscard]] bool ready() const noexcept final {
    if (is_closed()) return true;
    for (const auto& offer : offers_)
      if (stands(offer)) return true;
    return false;
  }

  /// 0: unlike a queue, it never holds an item.
  [[nodiscard]] static std::size_t size() noexcept { return 0; }
  /// True, always.
  [[nodiscard]] static bool empty() noexcept { return true; }
  /// True, always.
  [[nodiscard]] static bool full() noexcept { return true; }

 private:
  friend Iterator;
  template <class Node, class Hook>
  using List =
      boost::intrusive::list<Node, boost::intrusive::base_hook<Hook>,
                             boost::intrusive::constant_time_size<false>>;
  struct Offer;

  // Somebody in get().
  struct Getter final : Waiter {
    explicit Getter(const Channel& channel) : Waiter(kWaitsForItem, &channel) {}
    Offer* offer = nullptr;  // since it was woken, until it runs
  };

  using OfferHook = boost::intrusive::list_base_hook<
      boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;
  // Somebody in put(), or an item that was put without waiting: not always a
  // Waiter. So one whose putter was killed, or is late, stays listed until the
  // putter runs.
  struct Offer : OfferHook {
    explicit Offer(T& i) noexcept : item(i) {}
    Offer(const Offer&) = delete;
    Offer& operator=(const Offer&) = delete;
    ~Offer() {
      if (getter != nullptr) getter->offer = nullptr;
    }

    T& item;
    Waiter* waiter = nullptr;  // of the one in put(), while it is parked
    Getter* getter = nullptr;  // it was woken for this and has not run
    bool is_taken = false;
  };

  struct Parcel {
    template <class U>
    Parcel(std::in_place_t, U&& i) : item(std::forward<U>(i)), offer(item) {}
    T item;
    Offer offer;
  };

  // False if the putter was killed or is late.
  static bool stands(const Offer& offer) noexcept {
    return offer.waiter == nullptr || offer.waiter->is_waiting();
  }
  Offer* first_offer() noexcept {
    while (!offers_.empty() && !stands(offers_.front())) offers_.pop_front();
    return offers_.empty() ? nullptr : &offers_.front();
  }

  template <class U>
  void put_nowait_as(U&& item);
  void arrange_meeting() noexcept;
  bool wait_for_item(Duration limit);
  T take();
  T move_out(Offer& offer);

  // owning hub only
  List<Offer, OfferHook> offers_;   // oldest first; without a getter
  List<Getter, WaitNode> getters_;  // oldest first; without an offer
  std::list<Parcel> parcels_;       // put without waiting, for a getter to come
};

template <class T>
void Channel<T>::put(T&& item, Duration limit) {
  assert_here("Channel::put");
  if (is_closed()) throw_closed();
  hub_.assert_may_park();
  Offer offer(item);
  offers_.push_back(offer);
  arrange_meeting();
  if (offer.getter == nullptr) tell_watchers();
  for (;;) {
    if (offer.getter != nullptr) {
      // The getter is ready and goes first. We stay ready meanwhile, so a kill
      // or the limit comes too late.
      hub_.yield();
    } else {
      Waiter waiter(kWaitsForTaker, this);
      offer.waiter = &waiter;
      if (!waiter.park(limit)) throw_full();
      offer.waiter = nullptr;
    }
    if (offer.is_taken) return;
    if (is_closed()) throw_closed();
  }
}

template <class T>
template <class U>
void Channel<T>::put_nowait_as(U&& item) {
  assert_here("Channel::put_nowait");
  if (is_closed()) throw_closed();
  if (getters_.empty()) throw_full();
  parcels_.emplace_back(std::in_place, std::forward<U>(item));
  offers_.push_back(parcels_.back().offer);
  arrange_meeting();
}

template <class T>
void Channel<T>::close() {
  assert_here("Channel::close");
  mark_closed();
  for (Offer& offer : offers_)
    if (offer.waiter != nullptr) offer.waiter->notified();
  while (!getters_.empty()) {
    Getter& getter = getters_.front();
    getters_.pop_front();
    getter.notified();
  }
  tell_watchers();
}

// Wakes the first getter for the first offer, if there are both.
template <class T>
void Channel<T>::arrange_meeting() noexcept {
  Offer* offer = first_offer();
  if (offer == nullptr || getters_.empty()) return;
  Getter& getter = getters_.front();
  offers_.pop_front();
  getters_.pop_front();
  offer->getter = &getter;
  getter.offer = offer;
  getter.notified();
}

// True: take() may be called, if nothing parks before that. False: the channel
// is closed. Throws Empty.
template <class T>
bool Channel<T>::wait_for_item(Duration limit) {
  for (bool is_new = true;; is_new = false) {
    if (first_offer() != nullptr) return true;
    if (is_closed()) return false;
    Getter getter(*this);
    // One that was woken for an offer that was then withdrawn keeps its place.
    if (is_new)
      getters_.push_back(getter);
    else
      getters_.push_front(getter);
    if (!getter.park(limit)) throw_empty();
    if (getter.offer != nullptr) {
      getter.offer->getter = nullptr;
      offers_.push_front(*getter.offer);
      return true;
    }
    limit = getter.left_of(limit);
  }
}

template <class T>
T Channel<T>::take() {
  Offer& offer = *first_offer();
  T item = move_out(offer);
  offers_.pop_front();
  offer.is_taken = true;
  if (offer.waiter != nullptr)
    offer.waiter->notified();
  else
    parcels_.remove_if([&](const Parcel& p) { return &p.offer == &offer; });
  return item;
}

template <class T>
T Channel<T>::move_out(Offer& offer) {
  try {
    return std::move(offer.item);
  } catch (...) {
    arrange_meeting();  // for the next getter
    throw;
  }
}

}  // namespace greenroom
