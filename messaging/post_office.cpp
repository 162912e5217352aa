#include "post_office.hpp"

#include "../runtime/core/report.hpp"
#include "reply.hpp"
#include "requests.hpp"

namespace greenroom {
namespace {

// When a hub ends, actors may spawn others in their on_stop(), but not for
// ever.
constexpr int kClosingRounds = 10;

constexpr WaitReason kWaitsForEmpty{"all actors to end"};

detail::PerHub<PostOffice>& offices() {
  static auto* all = new detail::PerHub<PostOffice>;  // outlives its hubs
  return *all;
}

}  // namespace

thread_local constinit PostOffice* PostOffice::mine_ = nullptr;

PostOffice* PostOffice::of(HubId id) noexcept { return offices().find(id); }

PostOffice& PostOffice::open() {
  Hub& hub = Hub::current();
  mine_ = &offices().get_or_make(hub.id());
  mine_->hub_ = &hub;
  mine_->subscribers_.clear();
  hub.at_end([] { mine_->close(); });
  hub.after_end([] { mine_ = nullptr; });  // the next hub here has another one
  hub.add_residents(
      [](const Hub::Visit& visit) { mine_->recipients_.for_each(visit); });
  hub.at_fork([] { mine_->forget_all_but(current_sender()); });
  return *mine_;
}

// The hub ends: its recipients stop. Those that still wait are killed by the
// hub.
void PostOffice::close() noexcept {
  // Recipients that are spawned meanwhile stop in the next round.
  bool all_wait = false;
  for (int round = 0; round < kClosingRounds && !all_wait; ++round) {
    stop_everybody();
    try {
      Hub::current().idle();
    } catch (...) {
      continue;  // for the main greenlet, but that is already ending
    }
    all_wait = true;
    recipients_.for_each([&](const Recipient& recipient) {
      all_wait &= recipient.waiting() != nullptr;
    });
  }
}

// After fork() the other recipients are not in this process: they neither
// answer nor end. Their addresses are not given out again.
void PostOffice::forget_all_but(const Address& survivor) {
  std::vector<Address> lost;
  recipients_.for_each([&](const Recipient& recipient) {
    if (recipient.address() != survivor) lost.push_back(recipient.address());
  });
  for (const Address& address : lost) recipients_.remove(address.slot());
}

void PostOffice::stop_everybody() noexcept {
  recipients_.for_each([](Recipient& recipient) { recipient.request_stop(); });
}

void PostOffice::kill_everybody() noexcept {
  std::vector<GreenletPtr> all;
  recipients_.for_each(
      [&](Recipient& recipient) { all.emplace_back(&recipient); });
  for (const GreenletPtr& recipient : all) recipient->kill_soon();
}

// ---- addresses

Address PostOffice::add(Recipient& recipient, bool wants_receipt) {
  const auto name =
      recipients_.add(recipient, Address::receipt_mark(wants_receipt));
  return {name.slot, id_, 0, name.generation};
}

void PostOffice::remove(const Address& address) noexcept {
  recipients_.remove(address.slot());
  if (recipients_.size() == 0) wait_for_empty_.notify_all();
}

bool PostOffice::wait_until_empty(Duration limit) {
  if (recipients_.size() == 0) return true;
  Waiter waiter(kWaitsForEmpty, this);
  wait_for_empty_.add(waiter);
  return waiter.park(limit);
}

Address PostOffice::add_reply(detail::ReplyBox& box) {
  const auto name = replies_.add(box);
  return {Address::reply_slot(name.slot), id_, 0, name.generation};
}

void PostOffice::move_reply(const Address& address,
                            detail::ReplyBox& box) noexcept {
  replies_.move(address.index(), box);
}

void PostOffice::remove_reply(const Address& address) noexcept {
  replies_.remove(address.index());
}

// ---- handing over

void PostOffice::send_elsewhere(const Address& to, Message& message) {
  if (to.is_nobody() || of(to.hub()) == nullptr) {
    bury(to, message, "nobody has this address");
    return;
  }
  if (to.wants_receipt() && !message.flags_.is_system) {
    send_for_receipt(to, message);
    return;
  }
  message.target_ = to;
  if (!detail::Door::of(to.hub()).post(message))
    bury(to, message, "its hub has ended");
}

void PostOffice::send_for_receipt(const Address& to, Message& message) {
  // A thread without a hub gets one: it waits by running it.
  Reply<void> receipt;
  request(to, {detail::Delivery{&message, receipt.address()}});
  receipt.get();
}

void PostOffice::arrived(Message& message) noexcept {
  const Address to = message.target_;
  if (mine_ == nullptr || mine_->id_ != to.hub()) {
    bury(to, message, "its hub has ended");
    return;
  }
  if (message.flags_.is_system)
    mine_->deliver_request(to, message);
  else
    mine_->deliver(to, message);
}

void PostOffice::deliver_reply(const Address& to, Message& message) noexcept {
  put_reply(to, *message.type_, message.payload_);
  message.dispose();
}

void PostOffice::put_reply(const Address& to, const detail::MessageType& type,
                           void* payload) noexcept {
  detail::ReplyBox* box = replies_.find(to.index(), to.generation());
  if (box == nullptr) {
    late_replies_.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  replies_.remove(to.index());
  box->put(type, payload);
}

// ---- requests

void PostOffice::request(const Address& to, detail::Request what) {
  Message& message = make_message(std::move(what), {});
  message.flags_.is_system = true;
  if (mine_ != nullptr && to.hub() == mine_->id_)
    mine_->deliver_request(to, message);
  else
    send_elsewhere(to, message);
}

void PostOffice::stop(const Address& to) {
  request(to, {detail::StopRequest{}});
}

void PostOffice::kill(const Address& to, std::exception_ptr what) {
  request(to, {detail::KillRequest{std::move(what)}});
}

void PostOffice::watch(const Address& to, const Address& watcher) {
  request(to, {detail::WatchRequest{watcher}});
}

void PostOffice::deliver_request(const Address& to, Message& message) noexcept {
  Recipient* recipient = find(to);
  if (recipient == nullptr) {
    bury(to, message, "it has ended");
    return;
  }
  message.take<detail::Request>().reach(*recipient);
  message.dispose();
}

// ---- dead letters

void PostOffice::bury(const Address& to, Message& message,
                      const char* why) noexcept {
  if (message.flags_.is_system) {
    // Requests are the runtime's own: no dead letters.
    message.take<detail::Request>().reach_nobody(to, why);
    message.dispose();
    return;
  }
  if (to.is_reply()) {
    if (PostOffice* office = of(to.hub()); office != nullptr)
      office->late_replies_.fetch_add(1, std::memory_order_relaxed);
    message.dispose();
    return;
  }
  PostOffice* office = to.is_nobody() ? mine_ : of(to.hub());
  if (office == nullptr) office = &offices().get_or_make(to.hub());
  office->dead_letters_.fetch_add(1, std::memory_order_relaxed);
  if (office == mine_)
    for (const auto& call : office->subscribers_) {
      try {
        call({to, message, why});
      } catch (...) {
        detail::report_current_exception("a subscriber to dead letters");
      }
    }
  if (message.is_ask()) answer(message.sender_, unreachable(to, message, why));
  message.dispose();
}

Failure PostOffice::unreachable(const Address& to, const Message& message,
                                const char* why) {
  return {std::make_exception_ptr(
      ActorUnreachable(message.type_name() + " was not handled by " +
                       to_string(to) + ": " + why))};
}

void PostOffice::subscribe_to_dead_letters(
    std::function<void(const DeadLetter&)> call) {
  subscribers_.push_back(std::move(call));
}

std::uint64_t PostOffice::dead_letters() const noexcept {
  return dead_letters_.load(std::memory_order_relaxed);
}

std::uint64_t PostOffice::late_replies() const noexcept {
  return late_replies_.load(std::memory_order_relaxed);
}

}  // namespace greenroom
