// Calls a function at a given time, in a callback of the hub: outside of any
// greenlet, and before everything that is due at the same time and was started
// later.
//
//   Alarm alarm(1s, [&] { queue.put_nowait(1); });
//
// Thread rule: owning hub only.
#pragma once

#include <greenroom/greenroom.hpp>

#include <utility>

namespace greenroom::test {

template <class Call>
class Alarm : private detail::Timer {
 public:
  Alarm(Duration delay, Call call)
      : Timer(
            [](Timer& timer) noexcept { static_cast<Alarm&>(timer).call_(); }),
        call_(std::move(call)) {
    start(Hub::current().timers(), Hub::current().now() + delay);
  }

 private:
  Call call_;
};

}  // namespace greenroom::test
