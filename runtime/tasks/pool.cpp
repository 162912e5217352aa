#include "pool.hpp"

namespace greenroom {

std::size_t Pool::wait_available(Duration limit) {
  roster().assert_here("Pool::wait_available");
  return counted(places().wait_free(limit));
}

void Pool::close() {
  roster().assert_here("Pool::close");
  roster().close();
}

bool Pool::kill(std::exception_ptr what, Duration limit) {
  close();
  return Group::kill(std::move(what), limit);
}

void Pool::kill_soon(std::exception_ptr what) {
  close();
  Group::kill_soon(std::move(what));
}

}  // namespace greenroom
