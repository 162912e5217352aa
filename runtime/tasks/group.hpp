// A Group keeps greenlets that belong together, until they end: to wait for all
// of them, to kill them, to have them do the same with many items.
//
// Thread rule: owning hub only.
// Order: members are listed, and killed, in the order in which they joined
// (gevent's are a set). One that has ended leaves at the next turn.
// Behaves as gevent.pool.Group (gevent 26.5, src/gevent/pool.py).
#pragma once

#include "../core/clock.hpp"
#include "../core/export.hpp"
#include "../core/greenlet.hpp"
#include "../core/std_parts.hpp"
#include "group_mapping.hpp"
#include "handle.hpp"
#include "imap.hpp"
#include "join.hpp"
#include "roster.hpp"
#include "spawn.hpp"

#include <concepts>
#include <cstddef>
#include <exception>
#include <functional>
#include <initializer_list>
#include <type_traits>
#include <utility>
#include <vector>

namespace greenroom {

/// Not copyable. When it is destroyed its members run on without it.
///
/// apply(), map() and imap(), whose calls are members: group_mapping.hpp. The
/// calls of a map share the function, as one object.
class GREENROOM_API Group : public detail::GroupMapping<Group> {
 public:
  /// Belongs to the calling thread's hub.
  Group();
  /// Begins with these members, as if by add().
  Group(std::initializer_list<GreenletPtr> members);
  Group(const Group&) = delete;
  Group& operator=(const Group&) = delete;
  virtual ~Group();

  // ---- members

  /// Makes it a member, wherever it is in its life: one that has ended leaves
  /// again at the next turn. Does nothing if it is a member already (unlike
  /// gevent's Pool, which would take a second place for it). A Pool parks while
  /// it is full, and throws PoolFull if `limit` passes first (zero: at once),
  /// PoolClosed if it is closed.
  void add(const GreenletPtr& greenlet, Duration limit = forever);
  /// As add(), and then starts it.
  void start(const GreenletPtr& greenlet, Duration limit = forever);
  /// Takes a member out; it runs on. False, and nothing happens, if it was no
  /// member (unlike gevent's Pool, which would gain a place).
  bool discard(const GreenletPtr& greenlet);

  /// spawn() as a member. A Pool parks while it is full.
  template <class F, class... Args>
  requires detail::Spawnable<F, Args...>
  auto spawn(F&& function, Args&&... args) {
    auto greenlet = detail::make_function_greenlet(std::forward<F>(function),
                                                   std::forward<Args>(args)...);
    start(greenlet);
    return greenlet;
  }
  /// Makes a greenlet of this class a member and starts it. Returns what is
  /// usual for the class: a handle, or a Ref.
  template <std::derived_from<Greenlet> T, class... Args>
  auto spawn(Args&&... args) {
    const auto greenlet = make_greenlet<T>(std::forward<Args>(args)...);
    start(greenlet);
    return HandleOf<T>::of(greenlet);
  }

  /// Those that have ended count until the next turn.
  [[nodiscard]] std::size_t size() const noexcept { return roster_->size(); }
  /// True: there is no member.
  [[nodiscard]] bool empty() const noexcept { return size() == 0; }
  /// True: it is a member.
  [[nodiscard]] bool contains(const GreenletPtr& greenlet) const;
  /// A copy: the body of a loop over it may park, add and discard.
  [[nodiscard]] std::vector<GreenletPtr> members() const {
    return roster_->members();
  }

  // ---- the end of the members

  /// Parks until there is no member, even if only for a moment, and returns
  /// true; false if `limit` passes first. With `raise_error`, it then throws
  /// the first failure, in the order of joining, of those that were members at
  /// the call.
  bool join(Duration limit = forever, RaiseError raise = RaiseError::no);

  /// Throws `what` (default: GreenletExit) into the members, into each only
  /// once, however often this is called. Parks until all are dead, also those
  /// that join meanwhile. True: all are; false: some survive `limit`.
  virtual bool kill(std::exception_ptr what = nullptr,
                    Duration limit = forever);
  /// As kill(), without waiting for the end. Does not park.
  virtual void kill_soon(std::exception_ptr what = nullptr);
  /// kill() for one of them: true if it is dead, false if it survives `limit`.
  /// Does nothing to a greenlet that is no member.
  bool killone(const GreenletPtr& greenlet, std::exception_ptr what = nullptr,
               Duration limit = forever);

  // ---- calls

  /// Has a member call it. Does not park: if a Pool is full, a greenlet that is
  /// no member waits for the place.
  template <class F, class... Args>
  auto apply_async(F&& function, Args&&... args);
  /// As apply_async(); if the call succeeds, `callback(result)` runs in a
  /// greenlet of its own.
  template <class Callback, class F, class... Args>
  auto apply_async_cb(Callback callback, F&& function, Args&&... args);

 protected:
  /// For Pool: with so many places.
  explicit Group(std::size_t capacity);

  /// The list of the members.
  [[nodiscard]] detail::Roster& roster() const noexcept { return *roster_; }

 private:
  friend detail::GroupMapping<Group>;
  template <class T, class F>
  struct Calls;
  template <class T, class F, class Item>
  class Call;
  [[nodiscard]] bool applies_here() const { return contains(&current()); }
  template <class F, class... Ranges>
  auto begin(ImapOptions options, detail::ImapOrder order, F&& function,
             Ranges&&... ranges);

  const detail::RosterPtr roster_;  // const after construction
};

template <class F, class... Args>
auto Group::apply_async(F&& function, Args&&... args) {
  auto call = detail::make_function_greenlet(std::forward<F>(function),
                                             std::forward<Args>(args)...);
  if (roster_->start(*call, Duration::zero())) return call;
  return greenroom::spawn([roster = roster_, call = std::move(call)] {
    (void)roster->start(*call);
    return detail::take_from<detail::SpawnResult<F, Args...>>(*call);
  });
}

template <class Callback, class F, class... Args>
auto Group::apply_async_cb(Callback callback, F&& function, Args&&... args) {
  using T = detail::SpawnResult<F, Args...>;
  auto greenlet =
      apply_async(std::forward<F>(function), std::forward<Args>(args)...);
  greenlet->link_value([callback = std::move(callback)](Greenlet& ended) {
    const auto* value = static_cast<GreenletOf<T>&>(ended).value();
    if (value == nullptr) return;  // killed
    if constexpr (std::is_void_v<T>)
      callback();
    else
      callback(*value);
  });
  return greenlet;
}

// ---- map

// What the calls of a map share.
template <class T, class F>
struct Group::Calls final : detail::ImapResults<T> {
  template <class G>
  Calls(ImapOptions options, detail::ImapOrder order, G&& its_function)
      : detail::ImapResults<T>(options.maxsize, order),
        function(std::forward<G>(its_function)) {}

  F function;
};

// One call. Its failure goes to whoever asks for the results.
template <class T, class F, class Item>
class Group::Call final : public Greenlet {
 public:
  Call(Calls<T, F>& calls, std::size_t index, Item&& item)
      : calls_(&calls), index_(index), item_(std::move(item)) {}

 private:
  void run() override {}
  void dispatch() noexcept override {
    detail::Outcome<T> outcome;
    auto why = outcome.keep([this]() -> decltype(auto) {
      return std::apply(calls_->function, std::move(item_));
    });
    end(std::move(why), std::move(outcome));
    intrusive_ptr_release(this);
  }
  void end_unbegun(std::exception_ptr why) noexcept override {
    end(why, detail::Outcome<T>(why));
  }
  void end(std::exception_ptr why, detail::Outcome<T> outcome) noexcept {
    // First leave the group, so that whoever takes the result finds a place.
    finish(std::move(why), true);
    calls_->put(index_, std::move(outcome));
  }

  const boost::intrusive_ptr<Calls<T, F>> calls_;
  const std::size_t index_;
  Item item_;
};

template <class F, class... Ranges>
auto Group::begin(ImapOptions options, detail::ImapOrder order, F&& function,
                  Ranges&&... ranges) {
  using T = detail::MapResultOf<F, std::decay_t<Ranges>...>;
  using Item = detail::ItemOf<std::decay_t<Ranges>...>;
  using Function = std::decay_t<F>;
  boost::intrusive_ptr<Calls<T, Function>> calls(
      new Calls<T, Function>(options, order, std::forward<F>(function)));
  auto start = [roster = roster_, calls](std::size_t index, Item&& item) {
    const auto call =
        make_greenlet<Call<T, Function, Item>>(*calls, index, std::move(item));
    roster->start_new(*call);
    calls->has_begun();
  };
  return detail::begin_imap<T>(std::move(calls), std::move(start),
                               std::forward<Ranges>(ranges)...);
}

}  // namespace greenroom
