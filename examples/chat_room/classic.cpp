// The interface of the first chat room. Unlike there, an unknown name or room
// is 404, and a poll whose client has given up takes no message.

#include "web.hpp"

#include <mutex>

namespace chat {

using namespace std::chrono_literals;
using greenroom::http::HttpError;

namespace {

constexpr auto kPollTime = 10s;

// As text: neither line breaks nor the separators of a list.
std::string join_texts(const std::vector<std::string>& texts, char separator) {
  std::string joined;
  for (const auto& text : texts) {
    if (!joined.empty()) joined += separator;
    joined += text;
  }
  return joined;
}

std::string classic(const Said& said) { return said.user + '.' + said.text; }

}  // namespace

void Web::main_page(const std::string& name, Response& response) {
  if (!Lobby::is_name(name)) throw HttpError(404);
  response.send("main uid=" + name +
                " rooms=" + join_texts(lobby_.room_names(), ',') + '\n');
}

void Web::join(const std::string& room, const std::string& name,
               Response& response) {
  const auto ref = room_or_404(room);
  const auto& person = person_or_503(name);
  std::vector<std::string> texts;
  for (const auto& said : person.ref.ask(Subscribe{room, ref}).get())
    texts.push_back(classic(*said));
  response.send("room=" + room + " uid=" + name +
                " messages=" + join_texts(texts, '|') + '\n');
}

void Web::put(const std::string& room, const std::string& name,
              Request& request, Response& response) {
  person_or_404(name);
  const auto ref = room_or_404(room);
  std::string message;
  for (auto& [key, value] : greenroom::http::parse_form(request.body()))
    if (key == "message") message = std::move(value);
  if (!Lobby::is_text(message))
    throw HttpError(400, "message= has 1 to 4096 bytes\n");
  ref.ask(Say{name, message, {}}).get();
  response.send("");
}

void Web::poll(const std::string& name, Response& response) {
  const auto& person = person_or_404(name);
  const auto queue = person.polled;
  const auto polling = person.polling;
  const greenroom::http::WhileConnected here(response);
  const std::scoped_lock lock(*polling);
  try {
    // It leaves the queue only when the response has been sent.
    const SaidPtr said = queue->peek(kPollTime);
    response.send(json_text(classic(*said)), "application/json");
    if (!queue->empty() && queue->peek_nowait() == said) queue->get_nowait();
  } catch (const greenroom::Empty&) {
    response.send("[]", "application/json");
  }
}

}  // namespace chat
