// What is sent to clients, as JSON; and what they send.
#pragma once

#include "room.hpp"
#include "said.hpp"

#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace chat {

[[nodiscard]] std::string to_json(const Said& said);
/// `came_or_left`: by name; came: true.
[[nodiscard]] std::string here_to_json(
    const std::string& room, const std::map<std::string, bool>& came_or_left);
[[nodiscard]] std::string entered_to_json(const std::string& room,
                                          const Joined& joined);
/// Rooms that are there, old ones and new ones.
[[nodiscard]] std::string rooms_to_json(const std::vector<std::string>& names);
/// A JSON string, with its quotes.
[[nodiscard]] std::string quoted(std::string_view text);

/// What a client sent is not what it should be: the text says how.
class BadCommand : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct Command {
  std::string type;
  std::string name;
  std::string room;
  std::string text;
  std::string token;
  std::uint64_t since = 0;
  bool again = false;
};

/// What a client sent. What is not there is empty. Throws BadCommand.
[[nodiscard]] Command parse_command(std::string_view json);

}  // namespace chat
