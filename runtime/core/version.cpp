#include "version.hpp"

#include "build_mark.hpp"

namespace greenroom {

std::string_view version() noexcept { return kVersion; }

namespace detail {

const char GREENROOM_BUILD_MARK = 0;

}  // namespace detail
}  // namespace greenroom
