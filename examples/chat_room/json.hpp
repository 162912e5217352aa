// What the server sends to clients, as JSON; and what they send.
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
/// `came_or_left`: by name; true if that user came.
[[nodiscard]] std::string here_to_json(
    const std::string& room, const std::map<std::string, bool>& came_or_left);
[[nodiscard]] std::string entered_to_json(const std::string& room,
                                          const Joined& joined);
/// Rooms that are there, old ones and new ones.
[[nodiscard]] std::string rooms_to_json(const std::vector<std::string>& names);
/// A JSON string, with its quotes.
[[nodiscard]] std::string json_text(std::string_view text);

/// A client sent a wrong command: the text says what is wrong.
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

/// What a client sent. A field that it left out is empty. Throws BadCommand.
[[nodiscard]] Command parse_command(std::string_view json);

}  // namespace chat
