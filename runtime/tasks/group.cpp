#include "group.hpp"

#include "../core/deadline.hpp"
#include "../core/errors.hpp"

namespace greenroom {

Group::Group() : Group(detail::Places::unlimited) {}

Group::Group(std::size_t capacity) : roster_(new detail::Roster(capacity)) {}

Group::Group(std::initializer_list<GreenletPtr> members) : Group() {
  for (const GreenletPtr& member : members) add(member);
}

Group::~Group() { roster_->disband(); }

void Group::add(const GreenletPtr& greenlet, Duration limit) {
  if (!roster_->add(*greenlet, limit)) throw PoolFull("the pool is full");
}

void Group::start(const GreenletPtr& greenlet, Duration limit) {
  if (!roster_->start(*greenlet, limit)) throw PoolFull("the pool is full");
}

bool Group::discard(const GreenletPtr& greenlet) {
  return roster_->strike(*greenlet);
}

bool Group::contains(const GreenletPtr& greenlet) const {
  return roster_->find(*greenlet) != nullptr;
}

bool Group::join(Duration limit, RaiseError raise) {
  std::vector<GreenletPtr> all;
  if (raise == RaiseError::yes) all = members();
  const bool is_empty = roster_->wait_until_empty(limit);
  for (const GreenletPtr& greenlet : all)
    if (auto failure = greenlet->exception()) std::rethrow_exception(failure);
  return is_empty;
}

bool Group::kill(std::exception_ptr what, Duration limit) {
  const detail::RosterPtr roster = roster_;
  const detail::Deadline deadline(limit);
  while (roster->size() != 0) {
    roster->kill_soon(what);
    joinall(roster->members(), deadline.left());
    roster->sweep();
    if (deadline.left() == Duration::zero()) break;
  }
  return roster->size() == 0;
}

void Group::kill_soon(std::exception_ptr what) { roster_->kill_soon(what); }

bool Group::killone(const GreenletPtr& greenlet, std::exception_ptr what,
                    Duration limit) {
  auto* member = roster_->find(*greenlet);
  if (member == nullptr) return greenlet->dead();
  roster_->kill_soon(*member, what);
  if (greenlet == &current()) sleep();  // is thrown what was sent
  return greenlet->join(limit);
}

}  // namespace greenroom
