// The entry point of the test programs, with Catch2 2.

// Catch2's signal handlers would replace greenroom's, which tells of stack
// overflows.
#define CATCH_CONFIG_NO_POSIX_SIGNALS
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
