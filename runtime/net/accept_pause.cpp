#include "greenroom/runtime/net/accept_pause.hpp"

#include "greenroom/runtime/hub.hpp"
#include "greenroom/runtime/spawn.hpp"

#include <algorithm>
#include <utility>

namespace greenroom::detail {

void AcceptPause::after_failure(const std::string& who,
                                const std::exception_ptr& why) {
  const Duration pause = next_;
  next_ = std::min(pause * 2, kLongest);
  if (std::exchange(told_, pause) != pause) Hub::current().report(who, why);
  sleep(pause);
}

}  // namespace greenroom::detail
