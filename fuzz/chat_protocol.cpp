// Sends any lines to the chat room over its WebSocket, each as a message. All
// that the room answers must be JSON, and it must come to an end.

#include "../examples/chat_room/web.hpp"
#include "http_peer.hpp"
#include "server_frames.hpp"

#include <greenroom/runtime/core/hub.hpp>

#include <boost/json/parse.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace {

using namespace greenroom;

// A frame of a client's: masked, with zeros.
void add_frame(std::string& frames, std::string_view text) {
  const std::size_t size = text.size();
  frames += '\x81';
  if (size < 126) {
    frames += static_cast<char>(0x80 | size);
  } else {
    frames += '\xfe';
    frames += static_cast<char>(size / 256);
    frames += static_cast<char>(size % 256);
  }
  frames.append(4, '\0');
  frames += text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  static const Hub hub;
  static chat::Web web;
  std::string_view lines(reinterpret_cast<const char*>(data), size);
  std::string sent =
      "GET /live?name=eve HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
      "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
  while (!lines.empty()) {
    const auto end = std::min(lines.find('\n'), lines.size());
    add_frame(sent, lines.substr(0, end));
    lines.remove_prefix(std::min(end + 1, lines.size()));
  }
  const auto answer = fuzz::answer_to(
      [](auto& request, auto& response) { web(request, response); }, sent, "");
  const auto head = answer.find("\r\n\r\n");
  for (const auto& text :
       fuzz::texts_of(std::string_view(answer).substr(head + 4)))
    (void)boost::json::parse(text);  // or throws
  return 0;
}
