// A Selector is a Poll that keeps data with each descriptor, and gives them
// back with the answer: a function to call, for example, or an owner.
//
// Thread rule and everything else: as Poll.
// Behaves as gevent.selectors.GeventSelector (gevent 26.5,
// src/gevent/selectors.py).
#pragma once

#include "../core/clock.hpp"
#include "poll.hpp"

#include <map>
#include <utility>
#include <vector>

namespace greenroom::net {

template <class Data>
class Selector {
 public:
  /// One answer of select().
  struct Ready {
    /// Which descriptor.
    int fd;
    /// What it is ready for.
    Events events;
    Data* data;  ///< the Selector's; valid until the descriptor is removed
  };

  /// Watches `fd`. If it was added before, its events and its data are
  /// replaced.
  void add(Fd fd, Events events, Data data) {
    poll_.add(fd, events);
    data_.insert_or_assign(fd.number(), std::move(data));
  }
  /// Watches it for something else. Throws std::out_of_range if it was not
  /// added.
  void modify(Fd fd, Events events) { poll_.modify(fd, events); }
  /// Returns the data that were kept with it. Throws std::out_of_range if it
  /// was not added.
  Data remove(Fd fd) {
    poll_.remove(fd);
    return std::move(data_.extract(fd.number()).mapped());
  }
  /// The data that are kept with it, or null.
  [[nodiscard]] Data* find(Fd fd) {
    const auto found = data_.find(fd.number());
    return found == data_.end() ? nullptr : &found->second;
  }
  /// True: there is nothing to watch.
  [[nodiscard]] bool empty() const noexcept { return poll_.empty(); }

  /// As Poll::poll(), without those that were removed meanwhile.
  [[nodiscard]] std::vector<Ready> select(Duration limit = forever) {
    std::vector<Ready> ready;
    for (const auto& [fd, events] : poll_.poll(limit))
      if (Data* data = find(fd); data != nullptr)
        ready.push_back({fd, events, data});
    return ready;
  }

 private:
  Poll poll_;
  std::map<int, Data> data_;
};

}  // namespace greenroom::net
