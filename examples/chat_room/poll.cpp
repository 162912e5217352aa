// The same as live.cpp for pages without a WebSocket:
//   POST /api/poll {"name":"alice","room":"topic1","since":12,"again":true}
//   POST /api/say  {"name":"alice","room":"topic1","text":"hi","token":"a1"}
//   POST /api/create {"room":"new"}
// A poll is answered at once if it is the first one (without "again") or the
// client has missed something; otherwise when something happens, or after a
// while with nothing.

#include "web.hpp"

namespace chat {

using namespace std::chrono_literals;
using greenroom::http::HttpError;

namespace {

constexpr auto kPollTime = 10s;
constexpr std::string_view kJson = "application/json";

Command read_command(Web::Request& request) {
  try {
    return parse_command(request.body());
  } catch (const BadCommand& error) {
    throw HttpError(400, error.what() + std::string("\n"));
  }
}

}  // namespace

void Web::poll_api(Request& request, Response& response) {
  const Command command = read_command(request);
  const auto room = room_or_404(command.room);
  const auto person = person_or_503(command.name).ref;
  const greenroom::http::WhileConnected here(response);
  const auto client = std::make_shared<Client>();
  struct Goodbye {
    ~Goodbye() { person.send(Leave{client}); }
    greenroom::Ref<User> person;
    ClientPtr client;
  } const goodbye{person, client};

  const bool has_missed =
      person.ask(Enter{command.room, room, client, command.since}).get();
  std::string lines =
      rooms_to_json(lobby_.room_names()) + ',' + *client->lines.get();
  if (command.again && !has_missed) {
    try {
      lines += ',' + *client->lines.get(kPollTime);
    } catch (const greenroom::Empty&) {
      // Silence is an answer, too.
    }
  }
  while (!client->lines.empty()) lines += ',' + *client->lines.get_nowait();
  response.send('[' + lines + ']', kJson);
}

void Web::say_api(Request& request, Response& response) {
  const Command command = read_command(request);
  try {
    response.send(R"({"id":)" + std::to_string(say(command)) + '}', kJson);
  } catch (const BadCommand& error) {
    throw HttpError(400, error.what() + std::string("\n"));
  }
}

void Web::create_api(Request& request, Response& response) {
  try {
    create(read_command(request));
  } catch (const BadCommand& error) {
    throw HttpError(400, error.what() + std::string("\n"));
  }
  response.send(rooms_to_json(lobby_.room_names()), kJson);
}

}  // namespace chat
