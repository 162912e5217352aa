// The chat room as its clients see it: a real server, real connections.

#include "../../examples/chat_room/lobby.hpp"
#include "../../examples/chat_room/web.hpp"
#include "../support/catch2.hpp"

#include <greenroom/greenroom.hpp>
#include <greenroom/runtime/net/http/client/client.hpp>
#include <greenroom/runtime/net/http/server/server.hpp>
#include <greenroom/runtime/net/http/websocket/websocket.hpp>

#include <boost/json.hpp>

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;
namespace json = boost::json;

class Site {
 public:
  Site() : server_(net::Endpoint("127.0.0.1", 0), std::ref(web_)) {
    server_.start();
  }
  ~Site() { server_.stop(); }
  Site(const Site&) = delete;
  Site& operator=(const Site&) = delete;

  [[nodiscard]] std::string url(const std::string& scheme,
                                const std::string& target) const {
    return scheme + "://" + server_.endpoint().to_string() + target;
  }
  [[nodiscard]] http::Answer post(const std::string& target,
                                  const std::string& body) const {
    return http::post(url("http", target), body);
  }

 private:
  chat::Web web_;
  http::Server server_;
};

// A page that is open.
class Page {
 public:
  Page(const Site& site, const std::string& name)
      : socket_(site.url("ws", "/live?name=" + name)) {
    next("rooms");
  }

  void enter(const std::string& room, std::uint64_t since = 0) {
    send({{"type", "enter"}, {"room", room}, {"since", since}});
  }
  void say(const std::string& room, const std::string& text,
           const std::string& token = {}) {
    send({{"type", "say"}, {"room", room}, {"text", text}, {"token", token}});
  }
  void send(const json::object& command) {
    socket_.send(json::serialize(command));
  }
  void send_raw(std::string_view text) { socket_.send(text); }

  // The next line of that type; skips others.
  json::object next(std::string_view type) {
    for (;;) {
      auto line = json::parse(socket_.receive().value().data).as_object();
      if (line["type"].as_string() ==
          json::string_view(type.data(), type.size()))
        return line;
    }
  }
  std::string next_text() {
    const auto line = next("message");
    return line.at("text").as_string().c_str();
  }

 private:
  http::WebSocket socket_;
};

std::vector<std::string> texts_of(const json::object& entered) {
  std::vector<std::string> texts;
  for (const auto& message : entered.at("messages").as_array())
    texts.emplace_back(message.at("text").as_string().c_str());
  return texts;
}

TEST_CASE("chat room: two pages talk", "[examples][chat_room]") {
  const Hub hub;
  const Site site;
  Page alice(site, "alice");
  Page bob(site, "bob");
  alice.enter("topic1");
  CHECK(texts_of(alice.next("entered")).empty());
  bob.enter("topic1");
  bob.next("entered");

  alice.say("topic1", "hi", "a1");
  const auto message = bob.next("message");
  CHECK(message.at("user").as_string() == "alice");
  CHECK(message.at("text").as_string() == "hi");
  CHECK(message.at("id").to_number<int>() == 1);
  CHECK(alice.next_text() == "hi");
  const auto heard = alice.next("heard");
  CHECK(heard.at("token").as_string() == "a1");
  CHECK(heard.at("id").to_number<int>() == 1);
}

TEST_CASE("chat room: everybody here learns who is here",
          "[examples][chat_room]") {
  const Hub hub;
  const Site site;
  Page alice(site, "alice");
  alice.enter("topic1");
  const auto first = alice.next("here");
  CHECK(first.at("came") == json::array{"alice"});
  CHECK(first.at("left") == json::array{});
  Page bob(site, "bob");
  bob.enter("topic1");
  CHECK(bob.next("entered").at("users") == json::array{"alice"});
  CHECK(alice.next("here").at("came") == json::array{"bob"});
}

TEST_CASE(
    "chat room: a page that comes back misses nothing, and hears nothing "
    "twice",
    "[examples][chat_room]") {
  const Hub hub;
  const Site site;
  Page alice(site, "alice");
  alice.enter("topic1");
  alice.next("entered");
  {
    Page bob(site, "bob");
    bob.enter("topic1");
    bob.next("entered");
    alice.say("topic1", "one");
    CHECK(bob.next_text() == "one");
  }
  alice.say("topic1", "two");
  alice.say("topic1", "three");
  for (int i = 0; i < 3; ++i) alice.next("heard");

  Page bob(site, "bob");
  bob.enter("topic1", 1);
  const auto entered = bob.next("entered");
  CHECK(texts_of(entered) == std::vector<std::string>{"two", "three"});
  CHECK_FALSE(entered.at("gap").as_bool());
  alice.say("topic1", "four");
  CHECK(bob.next_text() == "four");
}

TEST_CASE("chat room: a message repeated with its token is said once",
          "[examples][chat_room]") {
  const Hub hub;
  const Site site;
  Page alice(site, "alice");
  alice.enter("topic1");
  for (const char* token : {"t1", "t1", "t2"}) alice.say("topic1", "x", token);
  std::vector<int> ids;
  for (int i = 0; i < 3; ++i)
    ids.push_back(alice.next("heard").at("id").to_number<int>());
  CHECK(ids == std::vector<int>{1, 1, 2});
}

TEST_CASE("chat room: newcomers see the last 25, and learn of a gap",
          "[examples][chat_room]") {
  const Hub hub;
  const Site site;
  Page alice(site, "alice");
  alice.enter("topic1");
  constexpr int kSaid = 1010;  // more than a room remembers
  for (int i = 1; i <= kSaid; ++i) {
    alice.say("topic1", std::to_string(i));
    alice.next("heard");
  }
  Page bob(site, "bob");
  bob.enter("topic1");
  auto entered = bob.next("entered");
  CHECK(texts_of(entered).size() == chat::Room::kBacklog);
  CHECK(texts_of(entered).back() == std::to_string(kSaid));
  bob.enter("topic1", 5);
  entered = bob.next("entered");
  CHECK(entered.at("gap").as_bool());
  CHECK(texts_of(entered).size() == chat::Room::kRemembered);
}

TEST_CASE("chat room: a page that does not read holds up nobody",
          "[examples][chat_room]") {
  const Hub hub;
  const Site site;
  Page alice(site, "alice");
  alice.enter("topic1");
  Page mute(site, "mute");
  mute.enter("topic1");
  mute.next("entered");
  // Far more than its queue and the system's buffers hold.
  const std::string text(4000, 'x');
  for (int i = 0; i < 3000; ++i) {
    alice.say("topic1", text);
    alice.next("heard");
  }
  SUCCEED("alice was heard each time");
}

TEST_CASE("chat room: everybody sees a new room", "[examples][chat_room]") {
  const Hub hub;
  const Site site;
  const json::array news{"caf\xc3\xa9"};
  Page alice(site, "alice");
  Page bob(site, "bob");
  alice.send({{"type", "create"}, {"room", news[0]}});
  CHECK(alice.next("rooms").at("rooms") == news);
  CHECK(bob.next("rooms").at("rooms") == news);
  bob.enter("caf\xc3\xa9");
  CHECK(bob.next("entered").at("room").as_string() == "caf\xc3\xa9");

  SECTION("a client that polls created it") {
    (void)site.post("/api/create", R"({"room":"birds"})");
    CHECK(bob.next("rooms").at("rooms") == json::array{"birds"});
  }
  SECTION("it is announced once") {
    bob.send({{"type", "create"}, {"room", news[0]}});
    bob.send({{"type", "create"}, {"room", "birds"}});
    CHECK(alice.next("rooms").at("rooms") == json::array{"birds"});
  }
}

TEST_CASE("chat room: a wrong command is answered with the reason",
          "[examples][chat_room]") {
  const Hub hub;
  const Site site;
  Page alice(site, "alice");
  for (const char* nonsense :
       {"", "{", "[]", "{}", R"({"type":"dance"})", R"({"type":1})",
        R"({"type":"enter","room":"nowhere"})",
        R"({"type":"enter","room":"topic1","since":-1})",
        R"({"type":"say","room":"topic1","text":""})",
        R"({"type":"say","room":"nowhere","text":"x"})",
        R"({"type":"create","room":"a/b"})", R"({"type":"create","room":""})",
        "[[[[[[[[1]]]]]]]]"}) {
    CAPTURE(nonsense);
    alice.send_raw(nonsense);
    CHECK_FALSE(alice.next("error").at("text").as_string().empty());
  }
  alice.enter("topic1");
  alice.next("entered");
}

TEST_CASE("chat room: a page of another site is refused",
          "[examples][chat_room]") {
  const Hub hub;
  const Site site;
  CHECK_THROWS(http::WebSocket(site.url("ws", "/live?name=eve"),
                               {.headers = {{"Origin", "http://evil"}}}));
}

TEST_CASE("chat room: polling does what a WebSocket does",
          "[examples][chat_room]") {
  const Hub hub;
  const Site site;
  const auto poll = [&](std::uint64_t since, bool again) {
    json::object command{{"name", "bob"}, {"room", "topic1"}, {"since", since}};
    if (again) command["again"] = true;
    const auto lines =
        json::parse(site.post("/api/poll", json::serialize(command)).body);
    std::vector<std::string> texts;
    for (const auto& line : lines.as_array()) {
      if (line.at("type").as_string() == "message")
        texts.emplace_back(line.at("text").as_string().c_str());
      if (line.at("type").as_string() == "entered")
        for (auto& text : texts_of(line.as_object())) texts.push_back(text);
    }
    return texts;
  };
  const auto say = [&](const char* text) {
    return site
        .post("/api/say",
              json::serialize(json::object{
                  {"name", "alice"}, {"room", "topic1"}, {"text", text}}))
        .body;
  };
  CHECK(poll(0, false).empty());
  CHECK(say("one") == R"({"id":1})");
  CHECK(poll(0, true) == std::vector<std::string>{"one"});
  const auto waits = spawn([&] { return poll(1, true); });
  sleep(20ms);
  CHECK(say("two") == R"({"id":2})");
  CHECK(waits->get() == std::vector<std::string>{"two"});
  CHECK(site.post("/api/create", R"({"room":"birds"})").body ==
        R"({"type":"rooms","rooms":["topic1","topic2","birds"]})");
  CHECK(site.post("/api/create", R"({"room":"a/b"})").status == 400);
  CHECK(site.post("/api/say", "{}").status == 400);
  CHECK(site.post("/api/poll", "no").status == 400);
  CHECK(site.post("/api/poll", R"({"name":"a","room":"no"})").status == 404);
}

TEST_CASE("chat room: names are checked before anybody gets them",
          "[examples][chat_room]") {
  using chat::Lobby;
  for (const char* name : {"a", "alice", "Zo\xc3\xab", "\xf0\x9f\x99\x82"})
    CHECK(Lobby::is_name(name));
  for (const std::string& name :
       {std::string(), std::string(" a"), std::string("a "), std::string("a/b"),
        std::string("a\nb"), std::string("\xff"), std::string("\xc0\xaf"),
        std::string("\xed\xa0\x80"), std::string("\xe2\x82"),
        std::string(65, 'a'), std::string(1, '\0')})
    CHECK_FALSE(Lobby::is_name(name));
}

TEST_CASE("chat room: the page is one file, and loads nothing from elsewhere",
          "[examples][chat_room]") {
  const Hub hub;
  const Site site;
  const auto answer = http::request("GET", site.url("http", "/"),
                                    {.headers = {{"Accept", "text/html"}}});
  CHECK(answer.header("Content-Type") == "text/html; charset=utf-8");
  CHECK(answer.body.find("{{nonce}}") == std::string::npos);
  CHECK(answer.body.find("src=") == std::string::npos);
  CHECK(answer.body.find("innerHTML") == std::string::npos);
  const auto policy = std::string(*answer.header("Content-Security-Policy"));
  const auto nonce = policy.find("'nonce-");
  REQUIRE(nonce != std::string::npos);
  CHECK(answer.body.find("nonce=\"" + policy.substr(nonce + 7, 32) + '"') !=
        std::string::npos);
}

}  // namespace
}  // namespace greenroom::test
