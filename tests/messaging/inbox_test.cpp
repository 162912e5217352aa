#include "../support/catch2.hpp"
#include "../support/dies.hpp"
#include "../support/run_hub.hpp"
#include "../support/scripted.hpp"

#include <greenroom/messaging/inbox.hpp>

#include <algorithm>
#include <string>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;

// What a program prints that runs `body` on a hub.
template <class Body>
std::string printed_by(Body body) {
  const Death end = death_of([&] { run_hub(body); });
  CHECK(end.signal == 0);
  CHECK(end.status == 0);
  return end.message;
}

std::size_t lines_with(const std::string& text, const std::string& word) {
  std::size_t count = 0;
  for (auto at = text.find(word); at != std::string::npos;
       at = text.find(word, at + 1))
    ++count;
  return count;
}

class Hoarder : public Actor {
 public:
  using Actor::Actor;

 private:
  void receive(Message&) override {}
};

class Miser : public Hoarder {
 public:
  using Hoarder::Hoarder;
};

TEST_CASE("inbox: holds any number of messages, in the order of arrival",
          "[messaging][inbox]") {
  std::vector<int> got;
  std::size_t waited = 0;
  run_hub([&] {
    const auto recipient = make_greenlet<Scripted>(
        Script{.receive = [&](Message& m) { got.push_back(m.as<int>()); }});
    recipient->start();
    const ActorRef ref(recipient->address());
    for (int i = 0; i < 50'000; ++i) ref.send(i);
    waited = recipient->inbox_size();
  });

  CHECK(waited == 50'000);
  REQUIRE(got.size() == 50'000);
  CHECK(std::is_sorted(got.begin(), got.end()));
}

TEST_CASE("inbox: warns when more messages wait than the high-water mark",
          "[messaging][inbox]") {
  SECTION("100,000 unless told otherwise") {
    CHECK(printed_by([] {
            auto hoarder = spawn<Hoarder>();
            for (int i = 0; i < 100'000; ++i) hoarder.send(i);
          }) == "");
    CHECK_THAT(printed_by([] {
                 auto hoarder = spawn<Hoarder>();
                 for (int i = 0; i < 100'001; ++i) hoarder.send(i);
               }),
               Contains("high-water") && Contains("100000"));
  }
  SECTION("or where the actor says") {
    CHECK(printed_by([] {
            auto hoarder = spawn<Hoarder>(InboxLimits{.high_water = 3});
            for (int i = 0; i < 3; ++i) hoarder.send(i);
          }) == "");
    CHECK_THAT(printed_by([] {
                 auto hoarder = spawn<Hoarder>(InboxLimits{.high_water = 3});
                 for (int i = 0; i < 4; ++i) hoarder.send(i);
               }),
               Contains("high-water"));
  }
}

TEST_CASE("inbox: the warning names the actor and what it is doing",
          "[messaging][inbox]") {
  const std::string text = printed_by([] {
    auto slow = spawn<Scripted>(InboxLimits{.high_water = 2},
                                Script{.receive = [](Message&) { sleep(1s); }});
    slow.send(0);
    idle();
    for (int i = 0; i < 3; ++i) slow.send(i);
    slow.stop();
  });

  CHECK_THAT(text, Contains("Scripted(hub") && Contains("inbox 2") &&
                       Contains("its sleep to end"));
}

TEST_CASE("inbox: the warning is printed once per type of actor",
          "[messaging][inbox]") {
  const std::string text = printed_by([] {
    const InboxLimits low{.high_water = 2};
    const std::vector<ActorRef> refs{spawn<Hoarder>(low), spawn<Hoarder>(low),
                                     spawn<Miser>(low)};
    for (int i = 0; i < 1'000; ++i)
      for (const ActorRef& ref : refs) ref.send(i);
  });

  CHECK(lines_with(text, "high-water") == 2);
  CHECK(lines_with(text, "Hoarder(hub") == 1);
  CHECK(lines_with(text, "Miser(hub") == 1);
}

TEST_CASE("inbox: a bound above the high-water mark still holds",
          "[messaging][inbox]") {
  const std::string text = printed_by([] {
    const auto actor = make_greenlet<Hoarder>(InboxLimits{
        .capacity = 10, .when_full = WhenFull::drop_newest, .high_water = 6});
    actor->start();
    for (int i = 0; i < 100; ++i) ActorRef(actor->address()).send(i);
    std::fprintf(stderr, "%zu wait\n", actor->inbox_size());
  });

  CHECK_THAT(text, Contains("high-water") && Contains("10 wait"));
}

}  // namespace
}  // namespace greenroom::test
