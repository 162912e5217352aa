// broadcast(): one payload for many receivers, moved in once and shared.
//
// Thread rule: any thread.
#pragma once

#include "actor_ref.hpp"
#include "message_cell.hpp"

#include <type_traits>
#include <utility>

namespace greenroom {

/// Sends `value` to all of `refs` (a range of ActorRefs). The receivers see the
/// same object: `const T&` handlers look at it, others copy it. It ends with
/// the last message that holds it. Parks and throws as ActorRef::send() does.
template <class Refs, class T>
void broadcast(const Refs& refs, T&& value) {
  using V = std::decay_t<T>;
  struct Holder {
    ~Holder() { shared->release(); }
    detail::SharedValue<V>* shared;
  } const holder{new detail::SharedValue<V>(V(std::forward<T>(value)))};

  for (const ActorRef& ref : refs) {
    bool on_heap = false;
    void* cell = Message::allocate_cell(Message::kBareCell, on_heap);
    // Relaxed: the holder keeps it alive meanwhile.
    holder.shared->holders.fetch_add(1, std::memory_order_relaxed);
    auto& message = *new (cell) Message(
        detail::message_type<V>, &holder.shared->value,
        Message::Storage::shared, on_heap, PostOffice::current_sender());
    *message.shared_slot() = holder.shared;
    PostOffice::send(ref.address(), message);
  }
}

}  // namespace greenroom
