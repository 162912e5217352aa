// Linked into a program of the tutorial, this gives main() a hub with virtual
// time: a program that sleeps for seconds is tested in none.

#include <greenroom/greenroom.hpp>

namespace {

greenroom::VirtualClock virtual_clock;
const greenroom::Hub hub([] {
  greenroom::HubOptions options;
  options.clock = &virtual_clock;
  return options;
}());

}  // namespace
