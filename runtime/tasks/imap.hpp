// An IMap hands out what a function returns for each item of a range, while
// other calls still run. Group::imap() and its like return it.
//
//   for (int size : pool.imap(fetch, urls)) std::cout << size << '\n';
//
//   auto sizes = pool.imap(fetch, urls);  // or step by step
//   while (std::optional<int> size = sizes.next()) ...
//
// A greenlet, the feeder, begins the calls without waiting to be asked. The
// range is copied (or moved, if it is a temporary), and its items are moved
// from the copy into the calls. What a view shows is not copied, and must stay
// valid until the IMap has ended or is destroyed.
//
// Thread rule: owning hub only.
// Order: imap() in the order of the range; imap_unordered() in the order in
// which the calls ended.
// Behaves as gevent._imap (gevent 26.5, src/gevent/_imap.py).
#pragma once

#include "../core/export.hpp"
#include "../core/greenlet.hpp"
#include "../core/hub.hpp"
#include "../core/std_parts.hpp"
#include "../core/wait.hpp"
#include "spawn.hpp"

#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>

#include <cstddef>
#include <deque>
#include <exception>
#include <iterator>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace greenroom {

/// How far an IMap may run ahead of the one who asks.
struct ImapOptions {
  /// At most so many calls run, or have a result that was not asked for yet; 0:
  /// no limit but the group's.
  std::size_t maxsize = 0;
};

template <class T>
class IMap;

namespace detail {

// What one call returned or threw; nothing before it ends.
template <class T>
class Outcome {
 public:
  using Value = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

  Outcome() = default;
  explicit Outcome(std::exception_ptr why)
      : state_(std::in_place_index<2>, std::move(why)) {}
  // Both throw what moving the value throws. NOLINTBEGIN(*-noexcept-move*)
  Outcome(Outcome&&) = default;
  // Values need not be assignable.
  Outcome& operator=(Outcome&& other) {
    if (auto* value = std::get_if<1>(&other.state_))
      state_.template emplace<1>(std::move(*value));
    else if (auto* why = std::get_if<2>(&other.state_))
      state_.template emplace<2>(std::move(*why));
    else
      clear();
    return *this;
  }
  // NOLINTEND(*-noexcept-move*)
  ~Outcome() = default;

  /// Keeps what call() returns or throws; null, or what it threw.
  template <class Call>
  std::exception_ptr keep(Call&& call) noexcept {
    try {
      if constexpr (std::is_void_v<T>) {
        std::forward<Call>(call)();
        state_.template emplace<1>();
      } else {
        state_.template emplace<1>(std::forward<Call>(call)());
      }
      return nullptr;
    } catch (...) {
      state_.template emplace<2>(std::current_exception());
      return std::get<2>(state_);
    }
  }

  void clear() noexcept { state_.template emplace<0>(); }
  [[nodiscard]] bool is_there() const noexcept { return state_.index() != 0; }
  [[nodiscard]] std::exception_ptr failure() const {
    return state_.index() == 2 ? std::get<2>(state_) : nullptr;
  }
  /// Throws what the call threw.
  Value& value() {
    if (state_.index() == 2) std::rethrow_exception(std::get<2>(state_));
    return std::get<1>(state_);
  }

 private:
  std::variant<std::monostate, Value, std::exception_ptr> state_;
};

// What map() takes: it is copied.
template <class Range>
concept MapRange = std::ranges::input_range<std::decay_t<Range>>;

enum class ImapOrder : bool { of_input, of_ending };

// What the feeder, the calls and the one that asks share, as far as it does not
// depend on the type of the results.
class GREENROOM_API ImapBase
    : public boost::intrusive_ref_counter<ImapBase,
                                          boost::thread_unsafe_counter> {
 public:
  explicit ImapBase(std::size_t maxsize) : maxsize_(maxsize) {}
  ImapBase(const ImapBase&) = delete;
  ImapBase& operator=(const ImapBase&) = delete;
  virtual ~ImapBase() = default;

  /// For the feeder: parks while too many calls are ahead. False: nobody asks
  /// any more.
  bool wait_for_demand();
  void has_begun() noexcept { ++running_, ++ahead_; }
  /// The feeder has come to the end of the range; or the range threw `why`.
  void has_fed(std::exception_ptr why) noexcept;

  /// Nobody asks any more.
  void abandon() noexcept { is_abandoned_ = true; }
  [[nodiscard]] bool is_abandoned() const noexcept { return is_abandoned_; }

 protected:
  /// A call has ended. `is_next`: the next result is there.
  void has_ended(bool is_next) noexcept;
  void was_taken() noexcept;
  /// No result will come any more.
  [[nodiscard]] bool is_over() const noexcept {
    return is_fed_ && running_ == 0;
  }
  std::exception_ptr take_range_failure() noexcept {
    return std::exchange(range_failure_, nullptr);
  }
  void wait_for_result();

 private:
  // owning hub only
  const std::size_t maxsize_;
  std::size_t running_ = 0;
  std::size_t ahead_ = 0;  // begun and not taken
  bool is_fed_ = false;
  bool is_abandoned_ = false;
  std::exception_ptr range_failure_;
  WaitList asker_;
  WaitList feeder_;
};

template <class T>
class ImapResults : public ImapBase {
 public:
  ImapResults(std::size_t maxsize, ImapOrder order)
      : ImapBase(maxsize), order_(order) {}

  /// The call for the item number `index`, counted from 0, has ended.
  void put(std::size_t index, Outcome<T> outcome) noexcept {
    if (order_ == ImapOrder::of_ending) {
      outcomes_.push_back(std::move(outcome));
    } else {
      const std::size_t place = index - taken_;
      if (place >= outcomes_.size()) outcomes_.resize(place + 1);
      outcomes_[place] = std::move(outcome);
    }
    has_ended(is_next_there());
  }

  /// Parks until there is another outcome; an empty one after the last. What
  /// the range threw comes last.
  Outcome<T> take() {
    while (!is_next_there() && !is_over()) wait_for_result();
    if (!is_next_there()) {
      auto failure = take_range_failure();
      return failure == nullptr ? Outcome<T>() : Outcome<T>(failure);
    }
    Outcome<T> outcome = std::move(outcomes_.front());
    outcomes_.pop_front();
    ++taken_;
    was_taken();
    return outcome;
  }

 private:
  [[nodiscard]] bool is_next_there() const noexcept {
    return !outcomes_.empty() && outcomes_.front().is_there();
  }

  const ImapOrder order_;
  std::size_t taken_ = 0;
  std::deque<Outcome<T>>
      outcomes_;  // by index, from taken_ on; or as they come
};

template <class... Ranges>
using ItemOf = std::tuple<std::ranges::range_value_t<Ranges>...>;

template <class F, class Item>
struct MapResult;
template <class F, class... Items>
struct MapResult<F, std::tuple<Items...>> {
  using Type = std::remove_cvref_t<std::invoke_result_t<F&, Items...>>;
};
/// What a function returns for the items of these ranges.
template <class F, class... Ranges>
using MapResultOf =
    typename MapResult<std::decay_t<F>, ItemOf<Ranges...>>::Type;

// A container is our own copy, so items are moved out of it.
template <class Range, class Iterator>
decltype(auto) read_item(Iterator& iterator) {
  if constexpr (std::ranges::view<Range>)
    return *iterator;
  else
    return std::ranges::iter_move(iterator);
}

// Calls start(index, item), which begins a call, for each item, until one of
// the ranges ends or nobody asks any more.
template <class Start, class... Ranges>
void feed(ImapBase& results, Start& start, std::tuple<Ranges...>& ranges) {
  const auto has_ended = [](auto& iterator, auto& range) {
    return iterator == std::ranges::end(range);
  };
  try {
    std::apply(
        [&](auto&... range) {
          std::tuple iterators(std::ranges::begin(range)...);
          std::apply(
              [&](auto&... iterator) {
                for (std::size_t index = 0;
                     !(has_ended(iterator, range) || ...); ++index) {
                  if (!results.wait_for_demand()) return;
                  start(index,
                        ItemOf<Ranges...>(read_item<Ranges>(iterator)...));
                  if (results.is_abandoned()) return;
                  (++iterator, ...);
                }
              },
              iterators);
        },
        ranges);
    results.has_fed(nullptr);
  } catch (...) {
    results.has_fed(std::current_exception());
  }
}

// Spawns the feeder; `start` holds what the calls need.
template <class T, class Results, class Start, class... Ranges>
IMap<T> begin_imap(boost::intrusive_ptr<Results> results, Start start,
                   Ranges&&... ranges) {
  auto feeder =
      spawn([results, start = std::move(start),
             all = std::tuple<std::decay_t<Ranges>...>(std::forward<Ranges>(
                 ranges)...)]() mutable { feed(*results, start, all); });
  return IMap<T>(std::move(results), std::move(feeder));
}

}  // namespace detail

/// An input range of results. T may be void; the results are std::monostate
/// then. Destroying it early is fine: the calls that run go on, and no new ones
/// begin. Unlike gevent, which goes on feeding.
template <class T>
class IMap {
 public:
  /// T, or std::monostate for void.
  using Value = typename detail::Outcome<T>::Value;
  /// An input iterator that asks for the next result: for range-for.
  class Iterator;

  /// Group::imap() and its like make them.
  IMap(boost::intrusive_ptr<detail::ImapResults<T>> results, GreenletPtr feeder)
      : results_(std::move(results)), feeder_(std::move(feeder)) {}
  IMap(IMap&&) noexcept = default;
  IMap& operator=(IMap&&) = delete;
  ~IMap() {
    if (results_ == nullptr) return;
    results_->abandon();
    feeder_->kill_soon();
  }

  /// Parks until there is another result, and returns it; nothing after the
  /// last. Throws what that call threw; one can ask for the next one then.
  /// After the last result, throws what the range threw.
  std::optional<Value> next() {
    auto outcome = results_->take();
    if (!outcome.is_there()) return std::nullopt;
    return std::move(outcome.value());
  }

  /// Parks until the first result is there. The iterator's `*it` throws what
  /// that call threw, and `++it` goes on, parking until there is another.
  [[nodiscard]] Iterator begin() { return Iterator(*this); }
  [[nodiscard]] static std::default_sentinel_t end() noexcept { return {}; }

  /// Returns all results; or throws the first failure, once the last call has
  /// begun.
  auto collect() {
    std::vector<Value> all;
    for (;;) {
      auto outcome = results_->take();
      if (!outcome.is_there()) break;
      if (auto failure = outcome.failure()) {
        feeder_->join();
        std::rethrow_exception(failure);
      }
      all.push_back(std::move(outcome.value()));
    }
    if constexpr (!std::is_void_v<T>) return all;
  }

 private:
  boost::intrusive_ptr<detail::ImapResults<T>> results_;
  GreenletPtr feeder_;
};

template <class T>
class IMap<T>::Iterator {
 public:
  using value_type = Value;
  using difference_type = std::ptrdiff_t;

  explicit Iterator(IMap& imap) : imap_(&imap), current_(take()) {}
  Value& operator*() const { return current_.value(); }
  Iterator& operator++() {
    current_ = take();
    return *this;
  }
  void operator++(int) { ++*this; }
  bool operator==(std::default_sentinel_t) const noexcept {
    return !current_.is_there();
  }

 private:
  detail::Outcome<T> take() { return imap_->results_->take(); }

  IMap* imap_;
  mutable detail::Outcome<T> current_;
};

}  // namespace greenroom
