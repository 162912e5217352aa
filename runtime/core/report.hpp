// What greenroom tells people: failures that nobody looks at, and who waits for
// what.
//
// Thread rule: owning hub only.
#pragma once

#include "export.hpp"

#include <exception>
#include <string>

namespace greenroom {

class Greenlet;
class Hub;

namespace detail {

/// "std::runtime_error: disk full", for any exception.
[[nodiscard]] GREENROOM_API std::string describe(
    const std::exception_ptr& what);

/// The name of a C++ type, as it is written in a program.
[[nodiscard]] GREENROOM_API std::string readable_type(const char* mangled);

/// Prints to stderr that `who` failed.
GREENROOM_API void print_report(const std::string& who,
                                const std::exception_ptr& what) noexcept;

/// Tells the calling thread's hub that a greenlet failed. The hub prints that
/// unless it has a handle_error.
void print_failure(const Greenlet& greenlet,
                   const std::exception_ptr& what) noexcept;

/// The same for the exception being handled, as a failure of `where`.
GREENROOM_API void report_current_exception(const std::string& where) noexcept;

/// A line for each greenlet that waits: its name, what for, since when.
[[nodiscard]] GREENROOM_API std::string describe_waits(const Hub& hub);

/// The text of LoopExit.
[[nodiscard]] GREENROOM_API std::string describe_deadlock(Hub& hub);

}  // namespace detail
}  // namespace greenroom
