// The greenlets of a hub that wait for their turn, linked through themselves.
//
// Thread rule: owning hub only.
// Order: first in, first out, except for push_front().
#pragma once

#include "greenlet.hpp"

namespace greenroom::detail {

class ReadyQueue {
 public:
  /// The greenlet whose turn is next; null if there is none.
  [[nodiscard]] Greenlet* front() const noexcept { return first_; }
  void push(Greenlet& greenlet) noexcept {
    greenlet.next_ = nullptr;
    if (first_ == nullptr)
      first_ = &greenlet;
    else
      last_->next_ = &greenlet;
    last_ = &greenlet;
  }
  void push_front(Greenlet& greenlet) noexcept {
    if (first_ == nullptr) last_ = &greenlet;
    greenlet.next_ = first_;
    first_ = &greenlet;
  }
  /// The queue must not be empty.
  void pop() noexcept { first_ = first_->next_; }
  /// Forgets all of them.
  void clear() noexcept { first_ = nullptr; }

  /// Visits all of them, the next one first. None may leave meanwhile.
  template <class Visit>
  void for_each(Visit visit) const {
    for (Greenlet* each = first_; each != nullptr; each = each->next_)
      visit(*each);
  }

 private:
  Greenlet* first_ = nullptr;
  Greenlet* last_ = nullptr;  // meaningless while first_ is null
};

}  // namespace greenroom::detail
