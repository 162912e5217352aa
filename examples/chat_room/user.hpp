// A User is an actor that hears what is said in its rooms, and passes it on to
// its clients: open pages, and polls.
#pragma once

#include "room.hpp"
#include "said.hpp"

#include <greenroom/greenroom.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace chat {

/// A client that is connected: the greenlet that serves it takes lines out of
/// the queue. If it does not keep up, the queue is closed, and the client comes
/// back with the last id that it has seen.
class Client {
 public:
  static constexpr std::size_t kLines = 512;

  /// Does not park.
  void tell(Line line);
  void tell(const SaidPtr& said);

  greenroom::Queue<Line> lines{kLines};

 private:
  friend class User;

  std::map<std::string, std::uint64_t> heard_;  // the last id, by room
};
using ClientPtr = std::shared_ptr<Client>;

// What a user can be asked.

/// Tells the client what it has missed since `since`; from now on it hears the
/// room. The answer: whether it has missed anything.
struct Enter {
  std::string room;
  greenroom::Ref<Room> ref;
  ClientPtr client;
  std::uint64_t since = 0;
};
struct Leave {
  ClientPtr client;
};
/// As in the first chat room: each user has one queue, for all its rooms.
struct Subscribe {
  std::string room;
  greenroom::Ref<Room> ref;
};
/// No client has come back in time.
struct StayedAway {
  std::string room;
  std::uint64_t visit = 0;
};

class User : public greenroom::TypedActor<User, Enter, Leave, Subscribe,
                                          SaidPtr, Here, StayedAway> {
 public:
  // A user who loses the connection and comes back in this time was never gone.
  static constexpr std::chrono::seconds kGrace{5};

  /// `polled`: gets what is said in the rooms that it has subscribed to.
  User(std::string name, std::shared_ptr<greenroom::Queue<SaidPtr>> polled)
      : name_(std::move(name)), polled_(std::move(polled)) {}

  bool on(const Enter& enter);
  void on(const Leave& leave);
  std::vector<SaidPtr> on(const Subscribe& subscribe);
  void on(const SaidPtr& said);
  void on(const Here& here);
  void on(const StayedAway& stayed);

 private:
  struct Visit {
    greenroom::Ref<Room> room;
    std::vector<ClientPtr> clients;
    bool is_subscribed = false;
    std::uint64_t number = 0;  // counts up when the first client comes
  };

  const std::string name_;
  const std::shared_ptr<greenroom::Queue<SaidPtr>> polled_;
  std::map<std::string, Visit> visits_;
};

}  // namespace chat
