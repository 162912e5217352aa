// The rules for a request beyond its grammar. They make this server and any
// other on the way agree whom it is for and where it ends (RFC 9112, 3.2, 6.3
// and 11.2: request smuggling).
//
// Thread rule: any thread; functions of their arguments.
#pragma once

#include "../../../core/export.hpp"
#include "limits.hpp"

#include <boost/beast/http/fields.hpp>
#include <boost/beast/http/message.hpp>

namespace greenroom::detail {

using HttpRequestHead =
    boost::beast::http::request_header<boost::beast::http::fields>;

/// Throws HttpError: 400, 414, 501.
GREENROOM_API void check_request(const HttpRequestHead& head,
                                 const http::Limits& limits);

}  // namespace greenroom::detail
