#include "greenroom/messaging/message.hpp"

#include "greenroom/messaging/post_office.hpp"
#include "greenroom/runtime/report.hpp"

namespace greenroom {

void Message::dispose() noexcept {
  switch (storage_) {
    case Storage::in_cell:
      type_->destroy(payload_);
      break;
    case Storage::on_heap:
      type_->free(payload_);
      break;
    case Storage::shared:
      (*shared_slot())->release();
      break;
  }
  const bool on_heap = cell_on_heap_;
  this->~Message();
  release_cell(this, on_heap);
}

void Message::arrive() noexcept { PostOffice::arrived(*this); }

std::string Message::type_name() const {
  return detail::readable_type(type_->info.name());
}

}  // namespace greenroom
