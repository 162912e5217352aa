// The connections of an http::Client that wait for their next request.
//
// Thread rule: owning hub only.
#pragma once

#include "../../../core/clock.hpp"
#include "../../socket.hpp"
#include "client.hpp"

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

namespace greenroom::detail {

class HttpPool {
 public:
  explicit HttpPool(http::ClientOptions its_options)
      : options(std::move(its_options)) {}

  /// A connection that was kept for that server and is still open; null if
  /// there is none. May give way.
  std::unique_ptr<net::Socket> take(const http::Url& url);
  void keep(const http::Url& url, std::unique_ptr<net::Socket> socket);
  [[nodiscard]] std::size_t size() const noexcept;

  const http::ClientOptions options;

 private:
  struct Kept {
    std::unique_ptr<net::Socket> socket;
    TimePoint until;
  };
  // Scheme, host and port.
  using Key = std::tuple<std::string, std::string, std::uint16_t>;
  static Key key(const http::Url& url) {
    return {url.scheme, url.host, url.port};
  }
  std::optional<Kept> pop_newest(const Key& key);

  std::map<Key, std::deque<Kept>> kept_;  // the newest last
};

}  // namespace greenroom::detail
