// The chat room on the web: one page, a WebSocket for it, long polls for pages
// without one, and the interface of the first chat room, for curl.
//
//   GET  /                     the page
//   GET  /live                 a WebSocket: see live.cpp
//   POST /api/poll, /api/say   the same without one: see poll.cpp
//   GET  /<name>               as in the first one: see classic.cpp
//   GET  /<room>/<name>
//   POST /put/<room>/<name>
//   POST /poll/<name>
#pragma once

#include "json.hpp"
#include "lobby.hpp"

#include <greenroom/runtime/net/http/server/server.hpp>

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace chat {

class Web {
 public:
  using Request = greenroom::http::Request;
  using Response = greenroom::http::Response;

  void operator()(Request& request, Response& response);

 private:
  // live.cpp
  void live(Request& request, Response& response);
  // poll.cpp
  void poll_api(Request& request, Response& response);
  void say_api(Request& request, Response& response);
  void create_api(Request& request, Response& response);
  // classic.cpp
  void main_page(const std::string& name, Response& response);
  void join(const std::string& room, const std::string& name,
            Response& response);
  void put(const std::string& room, const std::string& name, Request& request,
           Response& response);
  void poll(const std::string& name, Response& response);

  greenroom::Ref<Room> room_or_404(const std::string& name);
  const Lobby::Person& person_or_404(const std::string& name);
  const Lobby::Person& person_or_503(const std::string& name);
  std::uint64_t say(const Command& command);
  void create(const Command& command);

  Lobby lobby_;
  std::set<ClientPtr> pages_;  // those that are open
};

/// "/topic1/alice" -> topic1, alice; each percent-decoded.
[[nodiscard]] std::vector<std::string> split_path(std::string_view target);

/// The page, with the nonce that its scripts and styles carry.
[[nodiscard]] std::string page(std::string_view nonce);

}  // namespace chat
