// Two parts of the standard library, without the rest of their headers:
// durations and clocks, of <chrono>, and the concepts of <ranges>. The rest
// (streams, calendars, views, and <format> from g++ 13 on) would be compiled
// with each file of each user, a sixth of what <greenroom/greenroom.hpp> costs.
// libstdc++ has the parts as files of their own; elsewhere this is all of both.
#pragma once

#if __has_include(<bits/chrono.h>) && __has_include(<bits/ranges_base.h>)
// The last of these needs the first two.
// clang-format off
#include <initializer_list>
#include <iterator>
#include <bits/chrono.h>
#include <bits/ranges_base.h>
// clang-format on
#else
#include <chrono>
#include <ranges>
#endif
