// A message in a room: made once, and shared by all who hear it.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

namespace chat {

struct Said {
  std::string room;
  std::uint64_t id = 0;  // in its room; counts from 1
  std::string user;
  std::string text;
  std::chrono::system_clock::time_point time;
  std::string json;  // the whole message, as it is sent
};

using SaidPtr = std::shared_ptr<const Said>;

/// The same for everything else that clients are told.
using Line = std::shared_ptr<const std::string>;

}  // namespace chat
