// Sends any bytes to a connection of an http::Server. It may answer anything,
// but in HTTP, and it must come to an end.
//
// The first byte says where the input is cut in two, so that the server also
// gets heads and chunks of which a part is missing.

#include "http_peer.hpp"

#include <greenroom/runtime/core/hub.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>

namespace {

using namespace greenroom;

// Reads everything there is to read, and sends it back.
void handle(http::Request& request, http::Response& response) {
  std::string seen = request.path() + std::string(request.query());
  for (const auto& [name, value] : http::parse_form(request.query()))
    seen += name + value;
  for (const auto& [name, value] : request.headers()) seen += name;
  if (request.target() == "/unread") return;
  response.write(seen);
  response.write(request.body());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  static const Hub hub;
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1,
                               size - 1);
  const auto cut = std::min<std::size_t>(data[0], bytes.size());
  const auto answer =
      fuzz::answer_to(handle, bytes.substr(0, cut), bytes.substr(cut));
  if (answer.empty() || answer.starts_with("HTTP/1.1 ")) return 0;
  std::cerr << "no HTTP: " << answer << '\n';
  std::abort();
}
