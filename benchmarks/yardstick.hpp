// What a switch between two boost::context::fibers costs: the yardstick for
// greenroom's messages.
//
// Thread rule: any thread.
#pragma once

#include "harness.hpp"

#include <boost/context/fiber.hpp>

#include <cfenv>
#include <cstddef>
#include <utility>

namespace greenroom::bench {

/// Sets a sticky flag of the floating-point unit.
inline void divide_inexactly() noexcept {
  volatile double value = 1;
  value = value / 3;
}

/// Nanoseconds per switch; there and back are two. `inexact`: one side has done
/// an inexact division before, the other has not.
inline double fiber_switch(std::size_t switches, bool inexact = false) {
  std::feclearexcept(FE_ALL_EXCEPT);
  boost::context::fiber other([inexact](boost::context::fiber&& caller) {
    if (inexact) divide_inexactly();
    for (;;) caller = std::move(caller).resume();
    return std::move(caller);
  });
  other = std::move(other).resume();
  return nanoseconds_each(switches, [&] {
    for (std::size_t i = 0; i < switches; i += 2)
      other = std::move(other).resume();
  });
}

}  // namespace greenroom::bench
