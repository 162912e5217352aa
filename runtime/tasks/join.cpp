#include "join.hpp"

#include "../core/hub.hpp"

#include <algorithm>

namespace greenroom {
namespace {

constexpr WaitReason kWaitsForAny{"one of several things"};

}  // namespace

void MultiWait::Watch::notified() noexcept {
  // Room was reserved for all of them.
  owner_.ready_.push_back(&object_);
  owner_.waiter_.notify_all();
}

MultiWait::MultiWait(const std::vector<WaitableRef>& objects, Duration limit,
                     std::size_t count)
    : deadline_(limit), left_(std::min(count, objects.size())) {
  ready_.reserve(objects.size());
  for (const WaitableRef& object : objects) {
    if (object.get()->ready()) {
      ready_.push_back(object.get());
      continue;
    }
    watches_.emplace_back(*this, *object.get());
    object.get()->wait_list().add(watches_.back());
  }
}

Waitable* MultiWait::next() {
  if (left_ == 0) return nullptr;
  while (handed_out_ == ready_.size()) {
    Waiter waiter(kWaitsForAny, this);
    waiter_.add(waiter);
    if (!waiter.park(deadline_.left()) && handed_out_ == ready_.size())
      return nullptr;
  }
  --left_;
  return ready_[handed_out_++];
}

MultiWait::Iterator MultiWait::begin() { return Iterator(*this); }

std::vector<Waitable*> wait(const std::vector<WaitableRef>& objects,
                            Duration limit, std::size_t count) {
  std::vector<Waitable*> ready;
  for (Waitable* object : iwait(objects, limit, count)) ready.push_back(object);
  return ready;
}

bool wait(Duration limit) { return Hub::current().wait_until_quiet(limit); }

namespace detail {

std::vector<GreenletPtr> join_all(const std::vector<GreenletPtr>& greenlets,
                                  Duration limit, RaiseError raise,
                                  std::size_t count) {
  std::vector<GreenletPtr> done;
  const std::vector<WaitableRef> objects(greenlets.begin(), greenlets.end());
  for (Waitable* object : iwait(objects, limit, count)) {
    auto* greenlet = static_cast<Greenlet*>(object);
    done.emplace_back(greenlet);
    if (raise == RaiseError::no) continue;
    if (auto failure = greenlet->exception()) std::rethrow_exception(failure);
  }
  return done;
}

bool kill_all(const std::vector<GreenletPtr>& greenlets,
              const std::exception_ptr& what, Duration limit) {
  const Greenlet* self = Hub::current().running();
  bool kills_itself = false;
  for (const GreenletPtr& greenlet : greenlets) {
    kills_itself |= greenlet == self;
    greenlet->kill_soon(what);
  }
  std::vector<GreenletPtr> others;
  for (const GreenletPtr& greenlet : greenlets)
    if (greenlet != self) others.push_back(greenlet);
  join_all(others, limit, RaiseError::no, all_of_them);
  return !kills_itself &&
         std::all_of(others.begin(), others.end(),
                     [](const GreenletPtr& g) { return g->dead(); });
}

}  // namespace detail
}  // namespace greenroom
