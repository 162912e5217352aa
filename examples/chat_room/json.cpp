#include "json.hpp"

#include <boost/json.hpp>

namespace chat {
namespace {

namespace json = boost::json;

// Enough for every command: no client can make the parser build more.
json::parse_options limits() {
  json::parse_options options;
  options.max_depth = 4;
  return options;
}

std::string text_of(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains({key.data(), key.size()});
  if (value == nullptr || value->is_null()) return {};
  const auto* text = value->if_string();
  if (text == nullptr)
    throw BadCommand("'" + std::string(key) + "' is not a string");
  return {text->data(), text->size()};
}

std::uint64_t number_of(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains({key.data(), key.size()});
  if (value == nullptr || value->is_null()) return 0;
  boost::system::error_code error;
  const auto number = value->to_number<std::uint64_t>(error);
  if (error) throw BadCommand("'" + std::string(key) + "' is not a number");
  return number;
}

}  // namespace

std::string to_json(const Said& said) {
  using std::chrono::duration_cast;
  using std::chrono::milliseconds;
  return json::serialize(json::object{
      {"type", "message"},
      {"room", said.room},
      {"id", said.id},
      {"user", said.user},
      {"text", said.text},
      {"time",
       duration_cast<milliseconds>(said.time.time_since_epoch()).count()}});
}

std::string here_to_json(const std::string& room,
                         const std::map<std::string, bool>& came_or_left) {
  json::array came;
  json::array left;
  for (const auto& [name, is_here] : came_or_left)
    (is_here ? came : left).emplace_back(name);
  return json::serialize(json::object{
      {"type", "here"}, {"room", room}, {"came", came}, {"left", left}});
}

std::string entered_to_json(const std::string& room, const Joined& joined) {
  std::string messages;
  for (const auto& said : joined.messages) {
    if (!messages.empty()) messages += ',';
    messages += said->json;
  }
  const json::object head{
      {"type", "entered"},
      {"room", room},
      {"last", joined.last_id},
      {"gap", joined.has_gap},
      {"users", json::array(joined.here.begin(), joined.here.end())}};
  std::string text = json::serialize(head);
  text.pop_back();
  return text + R"(,"messages":[)" + messages + "]}";
}

std::string rooms_to_json(const std::vector<std::string>& names) {
  return json::serialize(json::object{
      {"type", "rooms"}, {"rooms", json::array(names.begin(), names.end())}});
}

std::string json_text(std::string_view text) {
  return json::serialize(json::string_view(text.data(), text.size()));
}

Command parse_command(std::string_view text) {
  boost::system::error_code error;
  const auto value =
      json::parse({text.data(), text.size()}, error, {}, limits());
  if (error) throw BadCommand("no JSON: " + error.message());
  const auto* object = value.if_object();
  if (object == nullptr) throw BadCommand("no JSON object");
  return {text_of(*object, "type"),  text_of(*object, "name"),
          text_of(*object, "room"),  text_of(*object, "text"),
          text_of(*object, "token"), number_of(*object, "since"),
          object->contains("again")};
}

}  // namespace chat
