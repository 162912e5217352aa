// A page that is open has a WebSocket. It sends
//   {"type":"enter","room":"topic1","since":12}
//   {"type":"say","room":"topic1","text":"hi","token":"a1"}
//   {"type":"create","room":"new"}
// and receives
//   {"type":"rooms"|"entered"|"message"|"here"|"heard"|"error", ...}.

#include "web.hpp"

#include <greenroom/runtime/net/http/websocket/websocket.hpp>

namespace chat {

using greenroom::http::HttpError;
using greenroom::http::WebSocket;

namespace {

Line line(std::string text) {
  return std::make_shared<const std::string>(std::move(text));
}

std::string query_value(std::string_view query, std::string_view key) {
  for (auto& [name, value] : greenroom::http::parse_form(query))
    if (name == key) return value;
  return {};
}

// A page of another site must not speak in the name of the person who reads it.
bool is_our_own(const Web::Request& request) {
  const auto origin = request.header("Origin");
  if (!origin) return true;  // no browser
  const auto host = request.header("Host").value_or("");
  const auto scheme = origin->find("://");
  return scheme != std::string_view::npos && origin->substr(scheme + 3) == host;
}

}  // namespace

void Web::live(Request& request, Response& response) {
  if (!is_our_own(request)) throw HttpError(403, "from another site\n");
  const auto name = query_value(request.query(), "name");
  const auto person = person_or_503(name).ref;
  WebSocket socket(request, response, {.message_size = 16384});
  const auto client = std::make_shared<Client>();
  client->tell(line(rooms_to_json(lobby_.room_names())));

  // A slow client parks only this greenlet.
  const auto writer = greenroom::spawn([&] {
    try {
      for (const Line& each : client->lines) socket.send(*each);
      socket.close(1013, "too slow; come back");
    } catch (const greenroom::http::ClientGone&) {
      // Then receive() ends below.
    }
  });
  pages_.insert(client);
  struct Goodbye {
    ~Goodbye() {
      pages.erase(client);
      client->lines.close();
      person.send(Leave{client});
      writer->kill_soon();
      writer->join();
    }
    std::set<ClientPtr>& pages;
    greenroom::Ref<User> person;
    ClientPtr client;
    greenroom::GreenletPtr writer;
  } const goodbye{pages_, person, client, writer};

  while (const auto message = socket.receive()) {
    try {
      Command command = parse_command(message->data);
      if (command.type == "enter") {
        const auto room = lobby_.find_room(command.room);
        if (!room) throw BadCommand("there is no such room");
        person.ask(Enter{command.room, *room, client, command.since}).get();
      } else if (command.type == "say") {
        command.name = name;
        const auto id = say(command);
        client->tell(line(R"({"type":"heard","room":)" +
                          json_text(command.room) + R"(,"token":)" +
                          json_text(command.token) + R"(,"id":)" +
                          std::to_string(id) + '}'));
      } else if (command.type == "create") {
        create(command);
      } else {
        throw BadCommand("what is '" + command.type + "'?");
      }
    } catch (const BadCommand& error) {
      client->tell(
          line(R"({"type":"error","text":)" + json_text(error.what()) + '}'));
    }
  }
}

}  // namespace chat
