#include "deadline.hpp"

#include "hub.hpp"

#include <algorithm>

namespace greenroom::detail {

Deadline::Deadline(Duration limit)
    : due_(limit == forever ? TimePoint::max()
                            : deadline_after(Hub::current().now(), limit)) {}

Duration Deadline::left() const {
  if (due_ == TimePoint::max()) return forever;
  return std::max(due_ - Hub::current().now(), Duration::zero());
}

}  // namespace greenroom::detail
