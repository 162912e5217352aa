#include "message_cell.hpp"

#include "../runtime/core/report.hpp"

namespace greenroom {

void Message::release_payload() noexcept {
  switch (flags_.storage) {
    case Storage::plain:
      break;
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
}

std::string Message::type_name() const {
  return detail::readable_type(type_->info.name());
}

}  // namespace greenroom
