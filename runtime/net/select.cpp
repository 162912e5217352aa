#include "select.hpp"

#include "any_fd.hpp"

#include <cerrno>
#include <stdexcept>
#include <string>
#include <system_error>

namespace greenroom::net {
namespace {

void ask_for(const FdList& list, short event, std::vector<pollfd>& fds) {
  for (const int fd : list.numbers()) {
    // poll() would skip it.
    if (fd < 0)
      throw std::system_error(EBADF, std::generic_category(),
                              "select of fd " + std::to_string(fd));
    fds.push_back({fd, event, 0});
  }
}

}  // namespace

Selected select(const FdList& read, const FdList& write, Duration limit) {
  if (limit < Duration::zero())
    throw std::invalid_argument("select(): the limit is negative");
  std::vector<pollfd> fds;
  ask_for(read, POLLIN, fds);
  ask_for(write, POLLOUT, fds);

  Selected selected;
  if (detail::wait_for_any_fd(fds, limit) == 0) return selected;
  for (const pollfd& fd : fds) {
    if ((fd.revents & POLLNVAL) != 0)
      throw std::system_error(EBADF, std::generic_category(),
                              "select of fd " + std::to_string(fd.fd));
    if (fd.revents != 0)
      (fd.events == POLLIN ? selected.readable : selected.writable)
          .push_back(fd.fd);
  }
  return selected;
}

}  // namespace greenroom::net
