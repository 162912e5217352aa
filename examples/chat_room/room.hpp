// A Room is an actor that numbers what is said, remembers it for a while, and
// tells its members.
#pragma once

#include "said.hpp"

#include <greenroom/greenroom.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace chat {

// What a room can be asked.

/// `user` hears from now on what is said, and what it has missed since a
/// message that it knows; 0: the last few. A member already: only the latter.
struct Join {
  std::string name;
  greenroom::ActorRef user;
  std::uint64_t since = 0;
};
struct Joined {
  std::vector<SaidPtr> messages;
  std::uint64_t last_id = 0;
  bool has_gap = false;  // more was missed than the room remembers
  std::vector<std::string> here;
};
/// Is it seen by others? Those who only poll now and then are not.
struct Appear {
  std::string name;
  bool is_here;
};
/// Time to tell of those who have come and gone.
struct TellWhoIsHere {};
/// `token`: the sender's name for it, so that it can say it again when it does
/// not know whether it was heard. Empty: none.
struct Say {
  std::string name;
  std::string text;
  std::string token;
};

// What members hear, besides what is said.
struct Here {
  std::string room;
  Line json;
};

class Room
    : public greenroom::TypedActor<Room, Join, Appear, TellWhoIsHere, Say> {
 public:
  // What a room remembers, and what it shows of it to newcomers.
  static constexpr std::size_t kRemembered = 1000;
  static constexpr std::size_t kBacklog = 25;
  // When ten thousand come at once, they are not told of each other one by one.
  static constexpr std::chrono::milliseconds kGather{100};

  explicit Room(std::string name) : name_(std::move(name)) {}

  Joined on(Join join);
  void on(Appear appear);
  void on(TellWhoIsHere);
  /// The message's id.
  std::uint64_t on(Say say);

 private:
  [[nodiscard]] std::uint64_t id_of(const std::string& user,
                                    const std::string& token) const;

  const std::string name_;
  std::map<std::string, greenroom::ActorRef> members_;
  std::vector<greenroom::ActorRef> listeners_;  // the same, to send to
  std::set<std::string> here_;
  std::map<std::string, bool> came_or_left_;  // since it was told; came: true
  std::deque<SaidPtr> messages_;
  std::deque<std::pair<std::string, std::uint64_t>> tokens_;  // the latest
  std::uint64_t last_id_ = 0;
};

}  // namespace chat
