#include "listener.hpp"

#include "io_call.hpp"
#include "unique_fd.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <utility>

namespace greenroom::net {
namespace {

using detail::call_failed;

void switch_on(int fd, int option) {
  const int on = 1;
  (void)setsockopt(fd, SOL_SOCKET, option, &on, sizeof on);
}

// Removes a socket file that nobody listens at: a process that crashed has left
// it.
void remove_leftover(const Endpoint& endpoint) {
  const std::string path = endpoint.address();
  struct stat status {};
  if (path.starts_with('@') || ::stat(path.c_str(), &status) != 0 ||
      !S_ISSOCK(status.st_mode))
    return;
  const detail::UniqueFd probe(
      ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (::connect(probe.get(), endpoint.data(), endpoint.size()) != 0 &&
      errno == ECONNREFUSED)
    ::unlink(path.c_str());
}

Descriptor listen_at(const Endpoint& endpoint, const ListenOptions& options) {
  detail::UniqueFd fd(::socket(endpoint.family(),
                               SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (fd.get() < 0) throw call_failed("socket for", endpoint);
  if (endpoint.is_unix())
    remove_leftover(endpoint);
  else
    switch_on(fd.get(), SO_REUSEADDR);
  if (options.reuse_port) switch_on(fd.get(), SO_REUSEPORT);
  if (::bind(fd.get(), endpoint.data(), endpoint.size()) != 0)
    throw call_failed("bind", endpoint);
  if (::listen(fd.get(), options.backlog) != 0)
    throw call_failed("listen at", endpoint);
  return Descriptor(fd.release());
}

}  // namespace

Listener::Listener(const Endpoint& endpoint, ListenOptions options)
    : Listener(listen_at(endpoint, options)) {}

Listener::Listener(Descriptor descriptor)
    : descriptor_(std::move(descriptor)) {}

Listener::Accepted Listener::accept() {
  for (;;) {
    std::error_code error;
    if (auto accepted = try_accept(error)) return *std::move(accepted);
    if (error) throw std::system_error(error, "accept");
    descriptor_.wait(Direction::read);
  }
}

std::optional<Listener::Accepted> Listener::try_accept(std::error_code& error) {
  error.clear();
  for (;;) {
    sockaddr_storage peer{};
    socklen_t size = sizeof peer;
    const int fd =
        ::accept4(descriptor_.get(), reinterpret_cast<sockaddr*>(&peer), &size,
                  SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0)
      return Accepted{Descriptor(fd),
                      Endpoint(reinterpret_cast<sockaddr*>(&peer), size)};
    // The client has gone before it was accepted: take the next one.
    if (errno == EINTR || errno == ECONNABORTED) continue;
    if (errno != EAGAIN) error = detail::last_error();
    return std::nullopt;
  }
}

}  // namespace greenroom::net
