#include "greenroom/runtime/net/http/pool.hpp"

#include "greenroom/runtime/hub.hpp"

#include <array>
#include <system_error>

namespace greenroom::detail {
namespace {

// A server that has closed it, or said something nobody asked for.
bool is_stale(net::StreamSocket& socket) {
  std::array<char, 1> byte{};
  std::error_code error;
  (void)socket.read_now(byte, error);
  return error != std::errc::operation_would_block;
}

}  // namespace

std::unique_ptr<net::StreamSocket> HttpPool::take(const http::Url& url) {
  const auto found = kept_.find(key(url));
  if (found == kept_.end()) return nullptr;
  const TimePoint now = Hub::current().now();
  std::unique_ptr<net::StreamSocket> socket;
  auto& candidates = found->second;
  while (!candidates.empty() && !socket) {
    Kept newest = std::move(candidates.back());
    candidates.pop_back();
    if (newest.until > now && !is_stale(*newest.socket))
      socket = std::move(newest.socket);
  }
  if (candidates.empty()) kept_.erase(found);
  return socket;
}

void HttpPool::keep(const http::Url& url,
                    std::unique_ptr<net::StreamSocket> socket) {
  if (options.kept_connections == 0) return;
  const TimePoint now = Hub::current().now();
  auto& candidates = kept_[key(url)];
  while (!candidates.empty() && (candidates.front().until <= now ||
                                 candidates.size() >= options.kept_connections))
    candidates.pop_front();
  candidates.push_back(
      {std::move(socket), deadline_after(now, options.keep_time)});
}

std::size_t HttpPool::size() const noexcept {
  std::size_t count = 0;
  for (const auto& [server, sockets] : kept_) count += sockets.size();
  return count;
}

}  // namespace greenroom::detail
