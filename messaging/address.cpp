#include "address.hpp"

namespace greenroom {

std::string to_string(const Address& address) {
  if (address.is_nobody()) return "nobody";
  return "hub" + std::to_string(address.hub()) +
         (address.is_reply() ? "/reply" : "/") +
         std::to_string(address.slot() & ~Address::kReplyBit) + "." +
         std::to_string(address.generation() & ~Address::kReceiptBit);
}

}  // namespace greenroom
