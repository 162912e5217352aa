#include "payload.hpp"

#include <cstring>

namespace greenroom::detail {
namespace {

// Of unnamed namespaces, each file has its own types, which may be called the
// same. To g++'s type_info they differ, to clang's they do not; so here the
// address of the MessageType decides alone.
bool is_of_one_file(const MessageType& type) noexcept {
  return std::strstr(type.info.name(), "_GLOBAL__N_") != nullptr;
}

}  // namespace

bool have_same_name(const MessageType& a, const MessageType& b) noexcept {
  return a.info == b.info && !is_of_one_file(a);
}

}  // namespace greenroom::detail
