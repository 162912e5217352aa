#include "accept_loop.hpp"

#include "../../core/hub.hpp"
#include "../../tasks/spawn.hpp"

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

namespace greenroom::detail {
namespace {

bool can_never_be_served(const std::error_code& error) {
  return error.category() == std::generic_category() &&
         (error.value() == EBADF || error.value() == EINVAL ||
          error.value() == ENOTSOCK);
}

}  // namespace

void AcceptLoop::run(const std::string& who,
                     const std::function<bool()>& goes_on,
                     const std::function<void()>& accept_some) {
  while (goes_on()) {
    std::exception_ptr why;
    bool is_the_end = false;
    try {
      accept_some();
      continue;
    } catch (const std::system_error& failed) {
      why = std::current_exception();
      is_the_end = can_never_be_served(failed.code());
    } catch (const std::exception&) {  // no memory; a pool is closed
      why = std::current_exception();
    }
    if (!goes_on()) return;
    if (is_the_end) return Hub::current().report(who, why);
    pause(who, why);
  }
}

void AcceptLoop::has_accepted() noexcept {
  next_ = kFirst;
  told_ = {};
}

// Each pause is longer, up to a limit. Each length is reported once: so reports
// get rarer, and then end.
void AcceptLoop::pause(const std::string& who, const std::exception_ptr& why) {
  const Duration time = next_;
  next_ = std::min(time * 2, kLongest);
  if (std::exchange(told_, time) != time) Hub::current().report(who, why);
  sleep(time);
}

}  // namespace greenroom::detail
