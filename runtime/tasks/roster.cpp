#include "roster.hpp"

#include "../core/hub.hpp"
#include "../core/slab.hpp"

#include <utility>

namespace greenroom::detail {
namespace {

constexpr WaitReason kWaitsForEmpty{"the end of a group"};

}  // namespace

// Waits for the end of a greenlet on behalf of its group.
class Roster::Member final : public WaitNode, public Hook {
 public:
  Member(Roster& roster, Greenlet& greenlet) noexcept
      : roster_(roster), greenlet_(&greenlet) {}

  static void* operator new(std::size_t size) {
    return Slab::mine()->allocate(size);
  }
  static void operator delete(void* memory, std::size_t size) noexcept {
    Slab::mine()->release(memory, size);
  }

  [[nodiscard]] const Roster* roster() const noexcept { return &roster_; }
  [[nodiscard]] const GreenletPtr& greenlet() const noexcept {
    return greenlet_;
  }
  /// True the first time.
  [[nodiscard]] bool is_first_kill() noexcept {
    return !std::exchange(was_killed_, true);
  }

  void notified() noexcept override { roster_.has_ended(*this); }

 private:
  Roster& roster_;
  const GreenletPtr greenlet_;
  bool was_killed_ = false;
};

// Takes out the members that have ended; runs once.
class Roster::Sweep final : public Greenlet {
 public:
  explicit Sweep(Roster& roster) : roster_(&roster) {}

 private:
  void run() override { roster_->sweep(); }
  void end_unbegun(std::exception_ptr why) noexcept override {
    roster_->sweep();  // the hub ends, and others may wait for this
    finish(std::move(why));
  }

  const RosterPtr roster_;
};

Roster::Roster(std::size_t capacity)
    : hub_(Hub::current()), places_(capacity) {}

void Roster::assert_here(const char* call) const { hub_.assert_here(call); }

// ---- joining

bool Roster::start(Greenlet& newcomer, Duration limit) {
  assert_here("Group::start");
  if (find(newcomer) == nullptr) {
    if (!take_place(limit)) return false;
    enroll(newcomer);
  }
  newcomer.start();
  return true;
}

void Roster::start_new(Greenlet& newcomer) {
  (void)take_place(forever);
  enroll(newcomer);
  newcomer.start();
}

bool Roster::add(Greenlet& newcomer, Duration limit) {
  assert_here("Group::add");
  if (find(newcomer) != nullptr) return true;
  if (!take_place(limit)) return false;
  if (find(newcomer) == nullptr)
    enroll(newcomer);
  else
    places_.give_back();  // somebody else has added it meanwhile
  return true;
}

bool Roster::take_place(Duration limit) {
  const RosterPtr guard(places_.free() == 0 ? this : nullptr);
  return places_.take(limit);
}

void Roster::enroll(Greenlet& newcomer) {
  newcomer.hub().assert_here("Group::add");
  auto* member = new Member(*this, newcomer);
  members_.push_back(*member);
  ++size_;
  if (newcomer.dead())
    member->notified();
  else
    static_cast<Waitable&>(newcomer).wait_list().add(*member);
}

Roster::Member* Roster::find(Greenlet& greenlet) noexcept {
  WaitList& list =
      greenlet.dead() ? ended_ : static_cast<Waitable&>(greenlet).wait_list();
  return dynamic_cast<Member*>(list.find([&](WaitNode& node) {
    const auto* member = dynamic_cast<Member*>(&node);
    return member != nullptr && member->roster() == this &&
           member->greenlet() == &greenlet;
  }));
}

std::vector<GreenletPtr> Roster::members() const {
  std::vector<GreenletPtr> all;
  all.reserve(size_);
  for (const Hook& hook : members_)
    all.push_back(static_cast<const Member&>(hook).greenlet());
  return all;
}

// ---- leaving

void Roster::has_ended(Member& member) noexcept {
  ended_.add(member);
  // A sweep that was lost by fork() is dead.
  if (sweep_ != nullptr && !sweep_->dead()) return;
  sweep_ = make_greenlet<Sweep>(*this);
  sweep_->start();
}

void Roster::sweep() {
  sweep_ = nullptr;
  const auto any = [](WaitNode&) { return true; };
  while (WaitNode* member = ended_.find(any))
    remove(static_cast<Member&>(*member));
}

bool Roster::strike(Greenlet& member) {
  assert_here("Group::discard");
  Member* found = find(member);
  if (found == nullptr) return false;
  remove(*found);
  return true;
}

void Roster::remove(Member& member) {
  static_cast<WaitNode&>(member).unlink();
  members_.erase(members_.iterator_to(member));
  --size_;
  places_.give_back();
  if (size_ == 0) until_empty_.notify_all();
  delete &member;  // may be the greenlet's end, and run user code
}

void Roster::disband() {
  close();
  const RosterPtr guard(this);
  while (!members_.empty()) remove(static_cast<Member&>(members_.front()));
}

bool Roster::wait_until_empty(Duration limit) {
  assert_here("Group::join");
  if (size_ == 0) return true;
  Waiter waiter(kWaitsForEmpty, this);
  until_empty_.add(waiter);
  return waiter.park(limit);
}

// ---- kill

void Roster::kill_soon(const std::exception_ptr& what) {
  assert_here("Group::kill");
  for (const GreenletPtr& greenlet : members())
    if (Member* member = find(*greenlet)) kill_soon(*member, what);
}

void Roster::kill_soon(Member& member, const std::exception_ptr& what) {
  if (!member.is_first_kill()) return;
  const GreenletPtr greenlet = member.greenlet();
  greenlet->kill_soon(what);
}

}  // namespace greenroom::detail
