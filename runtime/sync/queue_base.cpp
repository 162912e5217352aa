#include "queue_base.hpp"

namespace greenroom::detail {

const WaitReason QueueBase::kWaitsForItem{"an item"};
const WaitReason QueueBase::kWaitsForRoom{"room in a queue"};
const WaitReason QueueBase::kWaitsForTaker{"somebody to take an item"};
const WaitReason QueueBase::kWaitsForTasks{"the tasks of a queue"};

QueueBase::QueueBase() : hub_(Hub::current()) {}

void QueueBase::throw_empty() { throw Empty(); }
void QueueBase::throw_full() { throw Full(); }
void QueueBase::throw_closed() { throw Closed(); }

}  // namespace greenroom::detail
