// What the queues and Channel have in common.
//
// Thread rule: owning hub only.
#pragma once

#include "../core/errors.hpp"
#include "../core/export.hpp"
#include "../core/hub.hpp"
#include "../core/wait.hpp"

#include <cstddef>
#include <iterator>

namespace greenroom::detail {

// What does not depend on the type of the items.
class GREENROOM_API QueueBase : public Waitable {
 public:
  QueueBase(const QueueBase&) = delete;
  QueueBase& operator=(const QueueBase&) = delete;

  /// True: close() was called.
  [[nodiscard]] bool is_closed() const noexcept { return closed_; }

 protected:
  /// Belongs to the calling thread's hub.
  QueueBase();
  ~QueueBase() = default;

  void assert_here(const char* call) const { hub_.assert_here(call); }

  /// Wakes those that wait for this together with other things.
  void tell_watchers() noexcept {
    if (!watchers_.empty()) [[unlikely]]
      watchers_.notify_all();
  }
  void mark_closed() noexcept { closed_ = true; }

  [[noreturn]] static void throw_empty();
  [[noreturn]] static void throw_full();
  [[noreturn]] static void throw_closed();

  static const WaitReason kWaitsForItem;
  static const WaitReason kWaitsForRoom;
  static const WaitReason kWaitsForTaker;
  static const WaitReason kWaitsForTasks;

  // const after construction
  Hub& hub_;

 private:
  WaitList& wait_list() noexcept final { return watchers_; }

  // owning hub only
  WaitList watchers_;
  bool closed_ = false;
};

/// Takes one item after the other until the queue is closed and empty. For
/// range-for: between `++` and `*` nothing may park.
template <class Source>
class TakingIterator {
 public:
  using value_type = typename Source::value_type;
  using difference_type = std::ptrdiff_t;

  explicit TakingIterator(Source& source) : source_(&source) { ++*this; }

  /// Takes the item; to be called once after each ++.
  value_type operator*() const { return source_->take(); }
  TakingIterator& operator++() {
    is_at_end_ = !source_->wait_for_item(forever);
    return *this;
  }
  void operator++(int) { ++*this; }
  bool operator==(std::default_sentinel_t) const noexcept { return is_at_end_; }

 private:
  Source* source_;
  bool is_at_end_ = false;
};

}  // namespace greenroom::detail
