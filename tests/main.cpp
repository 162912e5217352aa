// The entry point of greenroom_tests. Everything else is in the test files.

#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
