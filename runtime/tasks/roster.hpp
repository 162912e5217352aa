// A Roster is the inside of a Group or Pool: the list of its members, its
// places, and who waits for the end of all members.
//
// It outlives its Group while somebody still adds members. A member costs a
// cell of the hub's slab. One that has ended leaves at the next turn, so that
// members that end in one turn see each other, as in gevent.
//
// Thread rule: owning hub only.
// Order: members are listed in the order in which they joined.
#pragma once

#include "../core/clock.hpp"
#include "../core/export.hpp"
#include "../core/greenlet.hpp"
#include "../core/wait.hpp"
#include "places.hpp"

#include <boost/intrusive/list.hpp>
#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>

#include <cstddef>
#include <vector>

namespace greenroom::detail {

class GREENROOM_API Roster
    : public boost::intrusive_ref_counter<Roster,
                                          boost::thread_unsafe_counter> {
 public:
  class Member;

  /// Belongs to the calling thread's hub.
  explicit Roster(std::size_t capacity);
  Roster(const Roster&) = delete;
  Roster& operator=(const Roster&) = delete;
  ~Roster() = default;

  /// Makes `newcomer` a member and starts it; parks while there is no place.
  /// False if `limit` passes first. Throws PoolClosed.
  [[nodiscard]] bool start(Greenlet& newcomer, Duration limit = forever);
  /// As start(), for one that is known to be no member.
  void start_new(Greenlet& newcomer);
  /// As start(), but does not start it: it was started before, or will be
  /// later. Does nothing if it is a member already.
  [[nodiscard]] bool add(Greenlet& newcomer, Duration limit);

  /// Takes a member out; it runs on. False if it was no member.
  bool strike(Greenlet& member);
  [[nodiscard]] Member* find(Greenlet& greenlet) noexcept;

  /// Throws `what` into the members, into each only once, however often this is
  /// called.
  void kill_soon(const std::exception_ptr& what);
  void kill_soon(Member& member, const std::exception_ptr& what);

  /// Parks until there are no members, and returns true; false if `limit`
  /// passes first.
  bool wait_until_empty(Duration limit);

  /// Nobody gets in any more.
  void close() noexcept { places_.close(); }
  /// All members leave, and run on. Closes.
  void disband();
  /// Members that have ended leave now, not at the next turn.
  void sweep();

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] std::vector<GreenletPtr> members() const;
  [[nodiscard]] Places& places() noexcept { return places_; }
  void assert_here(const char* call) const;

 private:
  class Sweep;
  struct InRoster;
  using Hook = boost::intrusive::list_base_hook<
      boost::intrusive::tag<InRoster>,
      boost::intrusive::link_mode<boost::intrusive::normal_link>>;

  void enroll(Greenlet& newcomer);
  bool take_place(Duration limit);
  void has_ended(Member& member) noexcept;
  void remove(Member& member);

  // const after construction
  Hub& hub_;

  // owning hub only
  Places places_;
  boost::intrusive::list<Hook, boost::intrusive::base_hook<Hook>,
                         boost::intrusive::constant_time_size<false>>
      members_;     // oldest first
  WaitList ended_;  // members that leave at the next turn
  GreenletPtr sweep_;
  std::size_t size_ = 0;
  WaitList until_empty_;
};

using RosterPtr = boost::intrusive_ptr<Roster>;

}  // namespace greenroom::detail
