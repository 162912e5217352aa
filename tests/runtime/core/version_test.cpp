#include "../../support/catch2.hpp"

#include <greenroom/runtime/core/version.hpp>

#include <string>
#include <thread>

namespace greenroom::test {
namespace {

TEST_CASE("version: the library has that of its headers, and of its package",
          "[runtime][version]") {
  CHECK(version() == kVersion);
  CHECK(version() == GREENROOM_PACKAGE_VERSION);  // what CMake calls it
}

TEST_CASE("version: a thread without a hub can ask", "[runtime][version]") {
  std::string told;
  std::thread([&] { told = version(); }).join();
  CHECK(told == kVersion);
}

}  // namespace
}  // namespace greenroom::test
