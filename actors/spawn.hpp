// spawn<A>(): makes an actor on the calling thread's hub.
//
// Thread rule: any thread; one without a hub gets a hub by this call.
#pragma once

#include "../runtime/tasks/spawn.hpp"
#include "actor.hpp"
#include "ref.hpp"

#include <concepts>
#include <utility>

namespace greenroom {

/// Makes an A from `args` at once; on_start() runs when the caller next
/// parks. The actor lives until it stops, is killed, fails, or its hub ends.
/// Does not park. Throws what A's constructor throws.
template <std::derived_from<Actor> A, class... Args>
Ref<A> spawn(Args&&... args) {
  const auto actor = make_greenlet<A>(std::forward<Args>(args)...);
  const Ref<A> ref(ActorRef(actor->address()));
  actor->start();
  return ref;
}

}  // namespace greenroom
