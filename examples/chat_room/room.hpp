// A Room is an actor that numbers what is said in it, remembers the latest of
// it, and tells its members.
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

/// From now on `user` hears what is said, if it is not a member already. The
/// answer is what it has missed since a message that it knows; 0: the last few.
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
/// Do others see it? They do not see those who only poll now and then.
struct Appear {
  std::string name;
  bool is_here;
};
/// It is time to tell who has come and who has gone.
struct TellWhoIsHere {};
/// `token`: the sender's name for the message. If the sender does not know
/// whether it arrived, it can say it again with the same token. Empty: none.
struct Say {
  std::string name;
  std::string text;
  std::string token;
};

// What members hear, besides messages.
struct Here {
  std::string room;
  Line json;
};

class Room
    : public greenroom::TypedActor<Room, Join, Appear, TellWhoIsHere, Say> {
 public:
  // How much a room remembers, and how much of it newcomers see.
  static constexpr std::size_t kRemembered = 1000;
  static constexpr std::size_t kBacklog = 25;
  // When ten thousand come at once, members hear of them together.
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
  std::map<std::string, bool> came_or_left_;  // since the last Here; came: true
  std::deque<SaidPtr> messages_;
  std::deque<std::pair<std::string, std::uint64_t>> tokens_;  // the latest
  std::uint64_t last_id_ = 0;
};

}  // namespace chat
