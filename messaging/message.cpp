#include "greenroom/messaging/message.hpp"

#include "greenroom/messaging/post_office.hpp"
#include "greenroom/runtime/report.hpp"

namespace greenroom {

void Message::release_payload() noexcept {
  if (storage_ == Storage::on_heap)
    type_->free(payload_);
  else
    (*shared_slot())->release();
}

void Message::arrive() noexcept { PostOffice::arrived(*this); }

std::string Message::type_name() const {
  return detail::readable_type(type_->info.name());
}

}  // namespace greenroom
