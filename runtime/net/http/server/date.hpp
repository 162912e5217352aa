// The time as HTTP writes it.
//
// Thread rule: any thread.
#pragma once

#include <string_view>

namespace greenroom::detail {

/// Now: "Sun, 06 Nov 1994 08:49:37 GMT". Valid until the thread's next call.
[[nodiscard]] std::string_view http_date();

/// Now, as access logs have it: "06/Nov/1994:08:49:37 +0000". As above.
[[nodiscard]] std::string_view log_date();

}  // namespace greenroom::detail
