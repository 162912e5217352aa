#include "version.hpp"

namespace greenroom {

std::string_view version() noexcept { return kVersion; }

}  // namespace greenroom
