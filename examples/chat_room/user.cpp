#include "user.hpp"

#include "json.hpp"

#include <algorithm>

namespace chat {

// ---- Client

void Client::tell(Line line) {
  if (lines.is_closed()) return;
  try {
    lines.put_nowait(std::move(line));
  } catch (const greenroom::Full&) {
    lines.close();  // so it holds up nobody, and knows that it misses some
  }
}

void Client::tell(const SaidPtr& said) {
  auto& heard = heard_[said->room];
  if (said->id <= heard) return;  // it was among those that it had missed
  heard = said->id;
  tell(Line(said, &said->json));
}

// ---- User

bool User::on(const Enter& enter) {
  // While this waits for the room, new messages wait in the inbox.
  const Joined joined = enter.ref.ask(Join{name_, self(), enter.since}).get();
  Visit& visit = visits_[enter.room];
  visit.room = enter.ref;
  if (std::find(visit.clients.begin(), visit.clients.end(), enter.client) ==
      visit.clients.end())
    visit.clients.push_back(enter.client);
  if (visit.clients.size() == 1) {
    ++visit.number;
    enter.ref.send(Appear{name_, true});
  }
  enter.client->heard_[enter.room] = joined.last_id;
  enter.client->tell(
      std::make_shared<const std::string>(entered_to_json(enter.room, joined)));
  return !joined.messages.empty() || joined.has_gap;
}

void User::on(const Leave& leave) {
  for (auto& [room, visit] : visits_) {
    if (std::erase(visit.clients, leave.client) == 0) continue;
    if (!visit.clients.empty()) continue;
    greenroom::spawn_later(kGrace, [self = greenroom::Ref<User>(self()),
                                    stayed = StayedAway{room, visit.number}] {
      self.send(stayed);
    });
  }
}

std::vector<SaidPtr> User::on(const Subscribe& subscribe) {
  auto joined = subscribe.ref.ask(Join{name_, self(), 0}).get();
  Visit& visit = visits_[subscribe.room];
  visit.room = subscribe.ref;
  visit.is_subscribed = true;
  return std::move(joined.messages);
}

void User::on(const SaidPtr& said) {
  Visit& visit = visits_[said->room];
  for (const ClientPtr& client : visit.clients) client->tell(said);
  if (!visit.is_subscribed) return;
  if (polled_->full()) polled_->get_nowait();  // nobody has polled for long
  polled_->put_nowait(said);
}

void User::on(const Here& here) {
  for (const ClientPtr& client : visits_[here.room].clients)
    client->tell(here.json);
}

void User::on(const StayedAway& stayed) {
  const Visit& visit = visits_[stayed.room];
  if (visit.clients.empty() && visit.number == stayed.visit)
    visit.room.send(Appear{name_, false});
}

}  // namespace chat
