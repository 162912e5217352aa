// Sends any bytes to an http::WebSocket, after a handshake. It must answer in
// frames, and come to an end; it sends each message back.
//
// The first byte says where the input is cut in two, the second whether
// messages are compressed.

#include "http_peer.hpp"
#include "server_frames.hpp"

#include <greenroom/runtime/core/hub.hpp>
#include <greenroom/runtime/net/http/websocket/websocket.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace {

using namespace greenroom;

void echo(http::Request& request, http::Response& response) {
  const bool deflates = request.header("Sec-WebSocket-Extensions").has_value();
  http::WebSocket socket(request, response,
                         {.message_size = 4096, .deflate = deflates});
  while (const auto message = socket.receive()) {
    if (message->is_text)
      socket.send(message->data);
    else
      socket.send_binary(message->data);
  }
}

constexpr std::string_view kHandshake =
    "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    "Sec-WebSocket-Version: 13\r\n";
constexpr std::string_view kDeflate =
    "Sec-WebSocket-Extensions: permessage-deflate\r\n";

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  static const Hub hub;
  if (size < 2) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2,
                               size - 2);
  const auto cut = std::min<std::size_t>(data[0], bytes.size());
  const bool deflates = data[1] % 2 == 1;
  std::string first(kHandshake);
  if (deflates) first += kDeflate;
  first += "\r\n";
  first += bytes.substr(0, cut);
  const auto answer = fuzz::answer_to(echo, first, bytes.substr(cut));
  const auto head = answer.find("\r\n\r\n");
  if (!answer.starts_with("HTTP/1.1 101 ") || head == std::string::npos) {
    std::cerr << "no handshake: " << answer << '\n';
    std::abort();
  }
  (void)fuzz::texts_of(std::string_view(answer).substr(head + 4));
  return 0;
}
