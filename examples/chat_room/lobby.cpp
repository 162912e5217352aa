#include "lobby.hpp"

#include <algorithm>

namespace chat {
namespace {

// Well-formed, shortest forms, no surrogates (RFC 3629).
bool is_utf8(std::string_view text) {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  for (std::size_t i = 0; i < text.size();) {
    const unsigned first = byte(i++);
    if (first < 0x80) continue;
    const int more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1;
    if (first < 0xc2 || first > 0xf4) return false;
    const unsigned second = byte(i);
    if ((first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f) ||
        (first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f))
      return false;
    for (int k = 0; k < more; ++k)
      if ((byte(i++) & 0xc0U) != 0x80) return false;
  }
  return true;
}

bool is_control(char c) {
  return static_cast<unsigned char>(c) < ' ' || c == 0x7f;
}

}  // namespace

Lobby::Lobby() {
  room("topic1");
  room("topic2");
}

std::optional<greenroom::Ref<Room>> Lobby::find_room(
    const std::string& name) const {
  const auto found = rooms_.find(name);
  if (found == rooms_.end()) return std::nullopt;
  return found->second;
}

std::optional<greenroom::Ref<Room>> Lobby::room(const std::string& name) {
  if (const auto found = find_room(name)) return found;
  if (rooms_.size() == kRooms) return std::nullopt;
  names_.push_back(name);
  return rooms_[name] = greenroom::spawn<Room>(name);
}

const Lobby::Person* Lobby::find_person(const std::string& name) const {
  const auto found = people_.find(name);
  return found == people_.end() ? nullptr : &found->second;
}

const Lobby::Person* Lobby::person(const std::string& name) {
  if (const auto* found = find_person(name)) return found;
  if (people_.size() == kUsers) return nullptr;
  const auto polled = std::make_shared<greenroom::Queue<SaidPtr>>(kPolled);
  return &(people_[name] = {greenroom::spawn<User>(name, polled), polled,
                            std::make_shared<greenroom::Lock>()});
}

bool Lobby::is_name(std::string_view text) {
  return !text.empty() && text.size() <= kNameLength && text.front() != ' ' &&
         text.back() != ' ' && text.find('/') == std::string_view::npos &&
         std::none_of(text.begin(), text.end(), is_control) && is_utf8(text);
}

bool Lobby::is_text(std::string_view text) {
  return !text.empty() && text.size() <= kTextLength && is_utf8(text);
}

}  // namespace chat
