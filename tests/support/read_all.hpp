// Reads a stream to its end.
#pragma once

#include <greenroom/runtime/net/stream.hpp>

#include <array>
#include <string>

namespace greenroom::test {

inline std::string read_all(net::Stream& stream) {
  std::string all;
  std::array<char, 4096> buffer{};
  while (const auto count = stream.read_some(buffer))
    all.append(buffer.data(), count);
  return all;
}

/// What one read returns: at most 4096 bytes.
inline std::string read_once(net::Stream& stream) {
  std::array<char, 4096> buffer{};
  return {buffer.data(), stream.read_some(buffer)};
}

}  // namespace greenroom::test
