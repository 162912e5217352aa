#include "../../support/catch2.hpp"

#include <greenroom/runtime/core/build_mark.hpp>
#include <greenroom/runtime/core/version.hpp>

#include <algorithm>
#include <string>
#include <thread>

namespace greenroom::test {
namespace {

TEST_CASE("version: the library has that of its headers, and of its package",
          "[runtime][version]") {
  CHECK(version() == kVersion);
  CHECK(version() == GREENROOM_PACKAGE_VERSION);  // what CMake calls it
}

#define GREENROOM_QUOTED(text) GREENROOM_QUOTED_(text)
#define GREENROOM_QUOTED_(text) #text

TEST_CASE("version: what a program needs of its library names the series",
          "[runtime][version]") {
  std::string mark = GREENROOM_QUOTED(GREENROOM_BUILD_MARK);
  std::replace(mark.begin(), mark.end(), '_', '.');
  const std::string version(kVersion);
  CHECK_THAT(mark,
             StartsWith("library." + version.substr(0, version.rfind('.'))));
}

TEST_CASE("version: a thread without a hub can ask", "[runtime][version]") {
  std::string told;
  std::thread([&] { told = version(); }).join();
  CHECK(told == kVersion);
}

}  // namespace
}  // namespace greenroom::test
