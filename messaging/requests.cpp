#include "requests.hpp"

#include "exit_reason.hpp"
#include "post_office.hpp"
#include "recipient.hpp"

#include <utility>

namespace greenroom::detail {

void StopRequest::reach(Recipient& recipient) noexcept {
  recipient.request_stop();
}

void StopRequest::reach_nobody(const Address& /*to*/,
                               const char* /*why*/) noexcept {}

void KillRequest::reach(Recipient& recipient) noexcept {
  recipient.kill_soon(std::move(what));
}

void KillRequest::reach_nobody(const Address& /*to*/,
                               const char* /*why*/) noexcept {}

void WatchRequest::reach(Recipient& recipient) noexcept {
  recipient.watch(watcher);
}

void WatchRequest::reach_nobody(const Address& /*to*/,
                                const char* /*why*/) noexcept {
  PostOffice::answer(watcher, ExitReason{});
}

void Delivery::reach(Recipient& recipient) noexcept {
  recipient.accept_for_receipt(*message, receipt);
}

void Delivery::reach_nobody(const Address& to, const char* why) noexcept {
  PostOffice::bury(to, *message, why);
  PostOffice::answer(receipt, Receipt{});
}

void Request::reach(Recipient& recipient) noexcept {
  std::visit([&](auto& request) { request.reach(recipient); }, what);
}

void Request::reach_nobody(const Address& to, const char* why) noexcept {
  std::visit([&](auto& request) { request.reach_nobody(to, why); }, what);
}

}  // namespace greenroom::detail
