// What libgreenroom.so shows to those who link it: what is marked so, and
// nothing else. A static library is compiled the same way, so that it can
// become part of a shared one.
#pragma once

#if __cplusplus < 202002L
#error greenroom needs C++20: compile with -std=c++20, or newer
#endif

/// On a class: its members and its type, which others may throw, catch and
/// derive from. On a function or variable: that.
#define GREENROOM_API [[gnu::visibility("default")]]

/// On a thread_local variable that is read at every turn: a shared library asks
/// for memory beside that of the program, so that the way there is as short as
/// in a static one. There is little such memory: for a few pointers.
#define GREENROOM_NEAR [[gnu::tls_model("initial-exec")]]
