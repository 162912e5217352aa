#include "pool.hpp"

#include "../../../core/hub.hpp"

#include <array>
#include <system_error>

namespace greenroom::detail {
namespace {

// True if the server has closed it, or has sent something that nobody asked
// for.
bool is_stale(net::Stream& stream) {
  std::array<char, 1> byte{};
  std::error_code error;
  stream.set_timeout(Duration::zero());
  (void)stream.read_some(byte, error);
  return error != std::errc::timed_out;
}

}  // namespace

std::unique_ptr<net::Socket> HttpPool::take(const http::Url& url) {
  const TimePoint now = Hub::current().now();
  while (auto newest = pop_newest(key(url)))
    if (newest->until > now && !is_stale(*newest->socket))
      return std::move(newest->socket);
  return nullptr;
}

std::optional<HttpPool::Kept> HttpPool::pop_newest(const Key& key) {
  const auto found = kept_.find(key);
  if (found == kept_.end()) return std::nullopt;
  Kept newest = std::move(found->second.back());
  found->second.pop_back();
  if (found->second.empty()) kept_.erase(found);
  return newest;
}

void HttpPool::keep(const http::Url& url, std::unique_ptr<net::Socket> socket) {
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
