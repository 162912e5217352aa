#include "endpoint.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstring>
#include <stdexcept>
#include <system_error>

namespace greenroom::net {
namespace {

namespace ip = boost::asio::ip;

std::invalid_argument no_endpoint(std::string_view text, const char* why) {
  return std::invalid_argument(
      "'" + std::string(text) + "' " + why +
      "; use 127.0.0.1:8001, [::1]:8001, unix:/path or a port");
}

std::uint16_t parse_port(std::string_view digits, std::string_view text) {
  std::uint16_t port = 0;
  const char* end = digits.data() + digits.size();
  const auto [stopped, error] = std::from_chars(digits.data(), end, port);
  if (digits.empty() || error != std::errc() || stopped != end)
    throw no_endpoint(text, "has no port between 0 and 65535");
  return port;
}

Endpoint end_of(int socket,
                int (*get_name)(int, sockaddr*, socklen_t*) noexcept,
                const char* call) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (get_name(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    throw std::system_error(errno, std::generic_category(), call);
  return {reinterpret_cast<sockaddr*>(&address), size};
}

}  // namespace

Endpoint Endpoint::local_of(int socket) {
  return end_of(socket, &::getsockname, "getsockname");
}

Endpoint Endpoint::remote_of(int socket) {
  return end_of(socket, &::getpeername, "getpeername");
}

Endpoint::Endpoint(std::string_view address, std::uint16_t port) {
  boost::system::error_code error;
  const auto parsed = ip::make_address(std::string(address), error);
  if (error)
    throw std::invalid_argument("'" + std::string(address) +
                                "' is not an IP address; resolve() and "
                                "connect() look names up");
  const ip::tcp::endpoint endpoint(parsed, port);
  size_ = static_cast<socklen_t>(endpoint.size());
  std::memcpy(&storage_, endpoint.data(), size_);
}

Endpoint::Endpoint(const sockaddr* address, socklen_t size) noexcept
    : size_(std::min(size, static_cast<socklen_t>(sizeof storage_))) {
  std::memcpy(&storage_, address, size_);
}

Endpoint Endpoint::parse(std::string_view text) {
  constexpr std::string_view kUnix = "unix:";
  if (text.starts_with(kUnix)) return unix_path(text.substr(kUnix.size()));

  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos)
    return {"127.0.0.1", parse_port(text, text)};
  auto address = text.substr(0, colon);
  const auto port = parse_port(text.substr(colon + 1), text);
  const bool is_bracketed = address.starts_with('[') && address.ends_with(']');
  if (is_bracketed)
    address = address.substr(1, address.size() - 2);
  else if (address.find(':') != std::string_view::npos)
    throw no_endpoint(text, "needs [ ] around its IPv6 address");
  try {
    return {address, port};
  } catch (const std::invalid_argument&) {
    throw no_endpoint(text, "has no numeric IP address");
  }
}

Endpoint Endpoint::unix_path(std::string_view path) {
  sockaddr_un address{};
  if (path.empty() || path.size() >= sizeof address.sun_path)
    throw std::invalid_argument("the path of a unix socket has 1 to " +
                                std::to_string(sizeof address.sun_path - 1) +
                                " bytes, not " + std::to_string(path.size()) +
                                ": '" + std::string(path) + "'");
  address.sun_family = AF_UNIX;
  const bool is_abstract = path.front() == '@';
  std::memcpy(&address.sun_path[0], path.data(), path.size());
  if (is_abstract) address.sun_path[0] = '\0';
  const auto size =
      offsetof(sockaddr_un, sun_path) + path.size() + (is_abstract ? 0 : 1);
  return {reinterpret_cast<const sockaddr*>(&address),
          static_cast<socklen_t>(size)};
}

std::string Endpoint::address() const {
  if (is_unix()) {
    constexpr auto kStart = offsetof(sockaddr_un, sun_path);
    if (size_ <= kStart) return {};  // not bound
    const auto* path = reinterpret_cast<const char*>(&storage_) + kStart;
    std::string name(path, size_ - kStart);
    if (name.front() == '\0')
      name.front() = '@';
    else
      name.resize(std::strlen(name.c_str()));
    return name;
  }
  ip::tcp::endpoint endpoint;
  if (family() == AF_UNSPEC || size_ > endpoint.capacity()) return {};
  std::memcpy(endpoint.data(), &storage_, size_);
  return endpoint.address().to_string();
}

std::uint16_t Endpoint::port() const noexcept {
  // The same place in sockaddr_in and sockaddr_in6.
  if (family() != AF_INET && family() != AF_INET6) return 0;
  std::uint16_t port = 0;
  std::memcpy(&port,
              reinterpret_cast<const char*>(&storage_) +
                  offsetof(sockaddr_in, sin_port),
              sizeof port);
  return ntohs(port);
}

std::string Endpoint::to_string() const {
  if (is_unix()) return "unix:" + address();
  if (family() == AF_UNSPEC) return "nowhere";
  std::string text = address();
  if (family() == AF_INET6) {
    text.insert(0, 1, '[');
    text += ']';
  }
  return text + ':' + std::to_string(port());
}

bool Endpoint::operator==(const Endpoint& other) const noexcept {
  return size_ == other.size_ &&
         std::memcmp(&storage_, &other.storage_, size_) == 0;
}

}  // namespace greenroom::net
