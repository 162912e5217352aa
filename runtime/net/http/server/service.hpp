// What the connections of an http::Server share.
//
// Thread rule: owning hub only.
#pragma once

#include "../../../core/wait.hpp"
#include "connection.hpp"
#include "limits.hpp"
#include "request.hpp"
#include "response.hpp"

#include <boost/intrusive/list.hpp>

#include <cstddef>
#include <functional>
#include <iosfwd>
#include <memory>

namespace greenroom {

namespace net {
class TlsContext;
}

namespace detail {

class HttpService {
 public:
  using Handler = std::function<void(http::Request&, http::Response&)>;
  using Connections =
      boost::intrusive::list<HttpConnection,
                             boost::intrusive::constant_time_size<false>>;

  Handler handler;
  http::Limits limits;
  std::ostream* access_log = nullptr;
  std::shared_ptr<const net::TlsContext> tls;  // null: not encrypted
  Connections connections;
  std::size_t count = 0;  // of them
  bool drains = false;    // every answer is the last of its connection
  WaitList until_none;

  void left() noexcept {
    if (--count == 0) until_none.notify_all();
  }
  /// A line in the common log format.
  void log(const HttpExchange& exchange) const;
};

}  // namespace detail
}  // namespace greenroom
