#include "wait_fd.hpp"

#include "io_watcher.hpp"

namespace greenroom::net {
namespace {

bool wait(int fd, Direction direction, Duration limit) {
  using detail::IoWatcher;
  const auto watcher = IoWatcher::of(fd, IoWatcher::Ownership::borrowed);
  const IoWatcher::Use use(*watcher);  // let go even if the wait throws
  return watcher->wait(direction, limit);
}

}  // namespace

bool wait_read(int fd, Duration limit) {
  return wait(fd, Direction::read, limit);
}

bool wait_write(int fd, Duration limit) {
  return wait(fd, Direction::write, limit);
}

}  // namespace greenroom::net
