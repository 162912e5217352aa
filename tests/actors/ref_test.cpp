#include "../support/catch2.hpp"
#include "../support/run_hub.hpp"
#include "../support/scripted.hpp"

#include <greenroom/actors/ref.hpp>

#include <string>
#include <type_traits>
#include <unordered_map>
#include <vector>

namespace greenroom::test {
namespace {

struct Ping {
  int number;
};

class Echo : public TypedActor<Echo, Ping> {
 public:
  int on(Ping ping) { return ping.number; }
};

TEST_CASE("ref: names nobody unless it comes from spawn()", "[actors][ref]") {
  CHECK_FALSE(Ref<Echo>());
  CHECK(Ref<Echo>() == ActorRef());
}

TEST_CASE("ref: converts to an ActorRef implicitly, and back explicitly",
          "[actors][ref]") {
  STATIC_REQUIRE(std::is_convertible_v<Ref<Echo>, ActorRef>);
  STATIC_REQUIRE_FALSE(std::is_convertible_v<ActorRef, Ref<Echo>>);
  int got = 0;
  run_hub([&] {
    const ActorRef untyped = spawn<Echo>();
    const Ref<Echo> typed(untyped);
    CHECK(typed == untyped);
    got = typed.ask(Ping{4}).get();
  });

  CHECK(got == 4);
}

TEST_CASE("ref: an ask of an untyped actor names the type of the answer",
          "[actors][ref]") {
  int got = 0;
  run_hub([&] {
    const Ref<Scripted> actor = spawn<Scripted>(
        Script{.receive = [](Message& m) { m.reply(m.as<int>() + 1); }});
    got = actor.ask<int>(1).get();
  });

  CHECK(got == 2);
}

TEST_CASE("ref: << sends one after the other", "[actors][ref]") {
  std::vector<int> got;
  run_hub([&] {
    const Ref<Scripted> actor = spawn<Scripted>(
        Script{.receive = [&](Message& m) { got.push_back(m.as<int>()); }});
    actor << 1 << 2 << 3;
    static_cast<const ActorRef&>(actor) << 4 << 5;
  });

  CHECK(got == std::vector<int>{1, 2, 3, 4, 5});
}

TEST_CASE("ref: is a key, like every ActorRef", "[actors][ref]") {
  std::unordered_map<ActorRef, std::string> names;
  run_hub([&] {
    const auto a = spawn<Echo>();
    const auto b = spawn<Echo>();
    names[a] = "a";
    names[b] = "b";
    CHECK(names.at(a) == "a");
    CHECK(names.at(b) == "b");
  });
}

TEST_CASE("ref: an ask's deadline travels with a typed ask, too",
          "[actors][ref]") {
  using namespace std::chrono_literals;
  bool timed_out = false;
  Duration after{};
  run_hub([&](TestHub& h) {
    class Slow : public TypedActor<Slow, Ping> {
     public:
      int on(Ping ping) { return sleep(1h), ping.number; }
    };
    try {
      spawn<Slow>().ask(Ping{1}, 3s).get();
    } catch (const TimeoutError&) {
      timed_out = true;
    }
    after = h.elapsed();
  });

  CHECK(timed_out);
  CHECK(after == 3s);
}

}  // namespace
}  // namespace greenroom::test
