#include "poll.hpp"

#include "any_fd.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace greenroom::net {
namespace {

short to_system(Events events) {
  int mask = 0;
  if (has_any(events, Events::read)) mask |= POLLIN;
  if (has_any(events, Events::write)) mask |= POLLOUT;
  if (mask == 0)
    throw std::invalid_argument(
        "a Poll needs Events::read, Events::write or both");
  return static_cast<short>(mask);
}

Events from_system(short mask) {
  Events events = Events::none;
  if ((mask & POLLIN) != 0) events = events | Events::read;
  if ((mask & POLLOUT) != 0) events = events | Events::write;
  if ((mask & POLLERR) != 0) events = events | Events::error;
  if ((mask & POLLHUP) != 0) events = events | Events::hangup;
  if ((mask & POLLNVAL) != 0) events = events | Events::invalid;
  return events;
}

// The place of `fd` in `fds`, or its end.
auto place_of(auto& fds, Fd fd) {
  return std::find_if(fds.begin(), fds.end(), [&](const pollfd& each) {
    return each.fd == fd.number();
  });
}

auto find_added(std::vector<pollfd>& fds, Fd fd) {
  const auto found = place_of(fds, fd);
  if (found == fds.end())
    throw std::out_of_range("fd " + std::to_string(fd.number()) +
                            " was not added to this Poll");
  return found;
}

}  // namespace

Poll::Poll() = default;
Poll::Poll(Poll&&) noexcept = default;
Poll& Poll::operator=(Poll&&) noexcept = default;
Poll::~Poll() = default;

void Poll::add(Fd fd, Events events) {
  if (fd.number() < 0)
    throw std::invalid_argument("fd " + std::to_string(fd.number()) +
                                " cannot be polled");
  if (contains(fd))
    modify(fd, events);
  else
    fds_.push_back({fd.number(), to_system(events), 0});
}

void Poll::modify(Fd fd, Events events) {
  find_added(fds_, fd)->events = to_system(events);
}

void Poll::remove(Fd fd) { fds_.erase(find_added(fds_, fd)); }

bool Poll::contains(Fd fd) const noexcept {
  return place_of(fds_, fd) != fds_.end();
}

std::vector<Poll::Ready> Poll::poll(Duration limit) {
  auto asked = fds_;  // others may add and remove meanwhile
  std::vector<Ready> ready;
  if (detail::wait_for_any_fd(asked,
                              limit < Duration::zero() ? forever : limit) == 0)
    return ready;
  for (const pollfd& fd : asked)
    if (fd.revents != 0) ready.push_back({fd.fd, from_system(fd.revents)});
  return ready;
}

}  // namespace greenroom::net
