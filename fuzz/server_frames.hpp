// Reads the frames that a WebSocket server has sent, by RFC 6455. Aborts if
// they are anything else.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

namespace greenroom::fuzz {

/// The text messages in `bytes`, which follow the handshake. There may be half
/// a frame at the end.
inline std::vector<std::string> texts_of(std::string_view bytes) {
  constexpr unsigned kContinuation = 0;
  constexpr unsigned kText = 1;
  constexpr unsigned kPong = 10;
  const auto byte = [&](std::size_t i) {
    return static_cast<unsigned char>(bytes[i]);
  };
  std::vector<std::string> texts;
  while (bytes.size() >= 2) {
    const unsigned opcode = byte(0) & 15U;
    std::size_t size = byte(1);
    const bool is_known = opcode <= 2 || (opcode >= 8 && opcode <= kPong);
    if (!is_known || size > 127) {  // 128: masked, which a server does not
      std::cerr << "no frame of a server: " << bytes << '\n';
      std::abort();
    }
    std::size_t head = 2;
    const std::size_t more = size == 126 ? 2 : size == 127 ? 8 : 0;
    if (bytes.size() < head + more) break;
    if (more != 0) size = 0;
    for (std::size_t i = 0; i < more; ++i) size = size * 256 + byte(head++);
    if (bytes.size() - head < size) break;
    const auto payload = bytes.substr(head, size);
    if (opcode == kText) texts.emplace_back(payload);
    if (opcode == kContinuation && !texts.empty()) texts.back() += payload;
    bytes.remove_prefix(head + size);
  }
  return texts;
}

}  // namespace greenroom::fuzz
