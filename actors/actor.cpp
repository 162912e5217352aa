#include "actor.hpp"

namespace greenroom {

void Actor::receive(Message& message) {
  throw NotImplementedError(name() + " was sent a " + message.type_name() +
                            ", but its class does not override "
                            "receive(Message&)");
}

}  // namespace greenroom
