#include "address.hpp"

namespace greenroom {

std::string to_string(const Address& address) {
  if (address.is_nobody()) return "nobody";
  return "hub" + std::to_string(address.hub()) +
         (address.is_reply() ? "/reply" : "/") +
         std::to_string(address.index()) + "." +
         std::to_string(address.bare_generation());
}

}  // namespace greenroom
