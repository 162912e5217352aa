#include "web.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <random>

namespace chat {

using greenroom::http::HttpError;

namespace {

std::string make_nonce() {
  std::random_device device;
  std::array<char, 33> text{};
  for (std::size_t i = 0; i < 32; i += 8)
    (void)std::snprintf(&text[i], 9, "%08x", device());
  return text.data();
}

void send_page(Web::Response& response) {
  const auto nonce = make_nonce();
  response.set_header(
      "Content-Security-Policy",
      "default-src 'none'; connect-src 'self'; script-src "
      "'nonce-" +
          nonce + "'; style-src 'nonce-" + nonce +
          "'; img-src data:; base-uri 'none'; form-action 'none'; "
          "frame-ancestors 'none'");
  response.set_header("X-Content-Type-Options", "nosniff");
  response.set_header("Referrer-Policy", "no-referrer");
  response.set_header("Cache-Control", "no-store");
  response.send(page(nonce), "text/html; charset=utf-8");
}

// People get the page; curl gets one line.
bool wants_page(const Web::Request& request) {
  return request.header("Accept").value_or("").find("text/html") !=
         std::string_view::npos;
}

}  // namespace

std::vector<std::string> split_path(std::string_view target) {
  auto path = target.substr(0, target.find('?'));
  std::vector<std::string> parts;
  while (!path.empty()) {
    const auto slash = std::min(path.find('/'), path.size());
    if (slash != 0)
      parts.push_back(greenroom::http::percent_decode(path.substr(0, slash)));
    path.remove_prefix(std::min(slash + 1, path.size()));
  }
  return parts;
}

void Web::operator()(Request& request, Response& response) {
  const auto parts = split_path(request.target());
  const bool is_get = request.method() == "GET" || request.method() == "HEAD";
  const bool is_post = request.method() == "POST";
  const auto is = [&](bool method, std::size_t count, std::string_view first) {
    return method && parts.size() == count &&
           (first.empty() || parts[0] == first);
  };

  if (is_get && parts.empty()) {
    if (wants_page(request))
      send_page(response);
    else
      response.send("choose a name\n");
  } else if (is(is_get, 1, "live")) {
    live(request, response);
  } else if (is(is_post, 2, "api") && parts[1] == "poll") {
    poll_api(request, response);
  } else if (is(is_post, 2, "api") && parts[1] == "say") {
    say_api(request, response);
  } else if (is(is_post, 2, "api") && parts[1] == "create") {
    create_api(request, response);
  } else if (is(is_get, 1, "")) {
    main_page(parts[0], response);
  } else if (is(is_get, 2, "")) {
    join(parts[0], parts[1], response);
  } else if (is(is_post, 3, "put")) {
    put(parts[1], parts[2], request, response);
  } else if (is(is_post, 2, "poll")) {
    poll(parts[1], response);
  } else if (is_get || is_post) {
    throw HttpError(404);
  } else {
    response.set_header("Allow", "GET, HEAD, POST");
    response.set_status(405);
    response.send("Method Not Allowed\n");
  }
}

greenroom::Ref<Room> Web::room_or_404(const std::string& name) {
  if (const auto found = lobby_.find_room(name)) return *found;
  throw HttpError(404, "there is no such room\n");
}

const Lobby::Person& Web::person_or_404(const std::string& name) {
  if (const auto* found = lobby_.find_person(name)) return *found;
  throw HttpError(404, "nobody is called that; join a room first\n");
}

const Lobby::Person& Web::person_or_503(const std::string& name) {
  if (!Lobby::is_name(name))
    throw HttpError(400, "a name has 1 to 64 bytes, and no '/'\n");
  if (const auto* found = lobby_.person(name)) return *found;
  throw HttpError(503, "too many people have been here\n");
}

std::uint64_t Web::say(const Command& command) {
  if (!Lobby::is_text(command.text))
    throw BadCommand("a message has 1 to 4096 bytes");
  if (!Lobby::is_name(command.name)) throw BadCommand("choose a name first");
  const auto room = lobby_.find_room(command.room);
  if (!room) throw BadCommand("there is no such room");
  return room->ask(Say{command.name, command.text, command.token}).get();
}

void Web::create(const Command& command) {
  if (!Lobby::is_name(command.room))
    throw BadCommand("a room's name has 1 to 64 bytes, and no '/'");
  if (lobby_.find_room(command.room)) return;
  if (!lobby_.room(command.room)) throw BadCommand("there are too many rooms");
  const auto news =
      std::make_shared<const std::string>(rooms_to_json({command.room}));
  for (const ClientPtr& page : pages_) page->tell(news);
}

}  // namespace chat
