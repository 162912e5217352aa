#include "payload.hpp"

namespace greenroom::detail {

// Of unnamed namespaces, each library has its own types: they may be called the
// same, and type_info knows that they are not.
bool have_same_name(const MessageType& a, const MessageType& b) noexcept {
  return a.info == b.info;
}

}  // namespace greenroom::detail
