// The Lobby knows the rooms and the users by name.
#pragma once

#include "room.hpp"
#include "user.hpp"

#include <greenroom/greenroom.hpp>

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chat {

class Lobby {
 public:
  static constexpr std::size_t kRooms = 1000;
  static constexpr std::size_t kUsers = 100'000;
  static constexpr std::size_t kNameLength = 64;    // bytes
  static constexpr std::size_t kTextLength = 4096;  // bytes
  static constexpr std::size_t kPolled = 1000;

  struct Person {
    greenroom::Ref<User> ref;
    std::shared_ptr<greenroom::Queue<SaidPtr>> polled;
    std::shared_ptr<greenroom::Lock> polling;  // one poll at a time
  };

  /// Begins with the rooms that are always there.
  Lobby();

  /// In the order in which they were made.
  [[nodiscard]] const std::vector<std::string>& room_names() const {
    return names_;
  }
  [[nodiscard]] std::optional<greenroom::Ref<Room>> find_room(
      const std::string& name) const;
  /// Makes the room if it is not there; none if there are too many.
  std::optional<greenroom::Ref<Room>> room(const std::string& name);
  [[nodiscard]] const Person* find_person(const std::string& name) const;
  /// Likewise; null if there are too many.
  const Person* person(const std::string& name);

  /// 1 to kNameLength bytes of UTF-8, without control characters, '/', or
  /// spaces at the ends.
  [[nodiscard]] static bool is_name(std::string_view text);
  [[nodiscard]] static bool is_text(std::string_view text);

 private:
  std::map<std::string, greenroom::Ref<Room>> rooms_;
  std::vector<std::string> names_;
  std::map<std::string, Person> people_;
};

}  // namespace chat
