#include "room.hpp"

#include "json.hpp"

#include <algorithm>
#include <iterator>

namespace chat {

Joined Room::on(Join join) {
  if (members_.insert_or_assign(join.name, join.user).second)
    listeners_.push_back(join.user);

  Joined joined;
  joined.last_id = last_id_;
  joined.here.assign(here_.begin(), here_.end());
  auto from = messages_.begin();
  if (join.since == 0) {
    if (messages_.size() > kBacklog)
      from = messages_.end() - static_cast<std::ptrdiff_t>(kBacklog);
  } else {
    const std::uint64_t oldest = last_id_ - messages_.size() + 1;
    joined.has_gap = join.since + 1 < oldest || join.since > last_id_;
    from = std::find_if(messages_.begin(), messages_.end(),
                        [&](const SaidPtr& said) {
                          return joined.has_gap || said->id > join.since;
                        });
  }
  joined.messages.assign(from, messages_.end());
  return joined;
}

void Room::on(Appear appear) {
  const bool has_changed = appear.is_here ? here_.insert(appear.name).second
                                          : here_.erase(appear.name) != 0;
  if (!has_changed) return;
  if (came_or_left_.empty())
    greenroom::spawn_later(kGather, [room = greenroom::Ref<Room>(self())] {
      room.send(TellWhoIsHere{});
    });
  came_or_left_[appear.name] = appear.is_here;
}

void Room::on(TellWhoIsHere) {
  const Here here{name_, std::make_shared<const std::string>(here_to_json(
                             name_, std::exchange(came_or_left_, {})))};
  greenroom::broadcast(listeners_, here);
}

std::uint64_t Room::on(Say say) {
  if (const auto known = id_of(say.name, say.token)) return known;
  Said said{name_,
            ++last_id_,
            std::move(say.name),
            std::move(say.text),
            std::chrono::system_clock::now(),
            {}};
  said.json = to_json(said);
  if (!say.token.empty()) {
    tokens_.emplace_back(said.user + '/' + say.token, said.id);
    if (tokens_.size() > kRemembered) tokens_.pop_front();
  }
  messages_.push_back(std::make_shared<const Said>(std::move(said)));
  if (messages_.size() > kRemembered) messages_.pop_front();
  greenroom::broadcast(listeners_, messages_.back());
  return last_id_;
}

std::uint64_t Room::id_of(const std::string& user,
                          const std::string& token) const {
  if (token.empty()) return 0;
  const auto found = std::find_if(
      tokens_.rbegin(), tokens_.rend(),
      [&](const auto& known) { return known.first == user + '/' + token; });
  return found == tokens_.rend() ? 0 : found->second;
}

}  // namespace chat
