// What a bounded inbox does to senders of other hubs, and to threads that have
// none.

#include "../support/catch2.hpp"
#include "../support/counted.hpp"
#include "../support/scripted.hpp"

#include <greenroom/messaging/recipient.hpp>

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;
using Numbers = std::vector<int>;

// Two hubs: the test's, and one where a teller lives who has message 0 in hand
// and stays in each handler until let go.
class TwoHubs {
 public:
  explicit TwoHubs(const InboxLimits& limits) {
    system_.run_on(0, [&] {
      go_ = std::make_unique<Event>();
      teller_ = greenroom::spawn<Scripted>(
          limits, Script{.receive = [this](Message& m) {
            handled_.push_back(m.is<int>() ? m.as<int>()
                                           : m.as<Counted>().number);
            go_->wait();
          }});
      teller_.send(0);
      idle();
    });
  }
  ~TwoHubs() {
    system_.run_on(0, [this] { go_.reset(); });
  }
  TwoHubs(const TwoHubs&) = delete;
  TwoHubs& operator=(const TwoHubs&) = delete;

  [[nodiscard]] const ActorRef& teller() const { return teller_; }
  // By now everything sent from here has arrived, and so have its effects.
  void settle() {
    system_.run_on(0, [] { idle(); });
  }
  // Lets the teller go; returns what it handled until nothing was left.
  Numbers finish() {
    system_.run_on(0, [this] { go_->set(), idle(); });
    return system_.run_on(0, [this] { return idle(), handled_; });
  }
  [[nodiscard]] std::uint64_t dead_letters() const {
    return system_.dead_letters() - dead_before_;
  }

 private:
  Hub hub_;
  ActorSystem system_{{.hubs = 1}};
  const std::uint64_t dead_before_ = system_.dead_letters();
  std::unique_ptr<Event> go_;
  ActorRef teller_;
  Numbers handled_;  // the system's hub
};

TEST_CASE("bound: drop_newest and drop_oldest hold for other hubs",
          "[messaging][recipient]") {
  const WhenFull policy =
      GENERATE(WhenFull::drop_newest, WhenFull::drop_oldest);
  TwoHubs hubs({.capacity = 2, .when_full = policy});
  for (int i = 1; i <= 5; ++i) hubs.teller().send(i);
  hubs.settle();

  CHECK(hubs.finish() == (policy == WhenFull::drop_newest ? Numbers{0, 1, 2}
                                                          : Numbers{0, 4, 5}));
  CHECK(hubs.dead_letters() == 3);
}

TEST_CASE("bound: fail throws InboxFull on the sender's hub",
          "[messaging][recipient]") {
  Counts counts;
  bool full = false;
  Numbers handled;
  {
    TwoHubs hubs({.capacity = 1, .when_full = WhenFull::fail});
    hubs.teller().send(1);
    try {
      hubs.teller().send(Counted(counts, 2));
    } catch (const InboxFull&) {
      full = true;
    }
    handled = hubs.finish();
    hubs.teller().send(3);  // there is a place again
    CHECK(hubs.finish() == Numbers{0, 1, 3});
  }

  CHECK(full);
  CHECK(handled == Numbers{0, 1});
  CHECK(counts.alive == 0);
}

TEST_CASE("bound: park_sender parks a sender on another hub, and only it",
          "[messaging][recipient]") {
  TwoHubs hubs({.capacity = 1});
  Numbers sent;
  const auto sender = [&](int number) {
    return spawn([&, number] {
      hubs.teller().send(number);
      sent.push_back(number);
    });
  };
  const auto first = sender(1);
  idle();
  const auto second = sender(2);
  idle();
  const auto third = sender(3);
  hubs.settle();
  const Numbers sent_before = sent;
  const Numbers handled = hubs.finish();
  joinall({first, second, third});

  CHECK(sent_before == Numbers{1});
  CHECK(sent == Numbers{1, 2, 3});
  CHECK(handled == Numbers{0, 1, 2, 3});
}

TEST_CASE("bound: the end of the actor lets senders of other hubs go on",
          "[messaging][recipient]") {
  Counts counts;
  std::uint64_t dead = 0;
  {
    TwoHubs hubs({.capacity = 1});
    hubs.teller().send(1);
    const auto parked = spawn([&] { hubs.teller().send(Counted(counts, 2)); });
    hubs.settle();
    hubs.teller().kill();
    parked->join();
    dead = hubs.dead_letters();
  }

  CHECK(dead == 2);
  CHECK(counts.alive == 0);
}

TEST_CASE("bound: a sender to a bounded actor that has ended goes on",
          "[messaging][recipient]") {
  TwoHubs hubs({.capacity = 1});
  hubs.teller().kill();
  hubs.teller().join();
  const std::uint64_t before = hubs.dead_letters();
  hubs.teller().send(1);

  CHECK(hubs.dead_letters() - before == 1);
}

TEST_CASE("bound: a thread without a hub blocks itself until there is a place",
          "[messaging][recipient]") {
  TwoHubs hubs({.capacity = 1});
  std::atomic<int> sent{0};
  std::thread outsider([&] {
    for (int i = 1; i <= 100; ++i) {
      hubs.teller().send(i);
      ++sent;
    }
  });
  for (int i = 0; i < 100; ++i) hubs.settle();
  const int sent_before = sent;
  hubs.finish();
  outsider.join();
  const Numbers handled = hubs.finish();

  CHECK(sent_before <= 1);
  CHECK(handled.size() == 101);
  CHECK(std::is_sorted(handled.begin(), handled.end()));
}

TEST_CASE("bound: drop and fail hold for a thread without a hub",
          "[messaging][recipient]") {
  const WhenFull policy =
      GENERATE(WhenFull::drop_newest, WhenFull::drop_oldest, WhenFull::fail);
  TwoHubs hubs({.capacity = 2, .when_full = policy});
  int refused = 0;
  std::thread([&] {
    for (int i = 1; i <= 5; ++i) try {
        hubs.teller().send(i);
      } catch (const InboxFull&) {
        ++refused;
      }
  }).join();
  const Numbers handled = hubs.finish();

  CHECK(handled == (policy == WhenFull::drop_oldest ? Numbers{0, 4, 5}
                                                    : Numbers{0, 1, 2}));
  CHECK(refused == (policy == WhenFull::fail ? 3 : 0));
  CHECK(hubs.dead_letters() == (policy == WhenFull::fail ? 0U : 3U));
}

TEST_CASE("bound: two hubs that send to one actor each keep their order",
          "[messaging][recipient]") {
  const Hub hub;
  ActorSystem system{{.hubs = 3}};
  Numbers from_a;
  Numbers from_b;
  auto target = system.run_on(0, [&] {
    return greenroom::spawn<Scripted>(
        InboxLimits{.capacity = 4}, Script{.receive = [&](Message& m) {
          m.match(
              [&](int i) { (i > 0 ? from_a : from_b).push_back(std::abs(i)); },
              [](char) { return 0; });
        }});
  });
  std::vector<ActorRef> senders;
  for (int sign : {1, -1})
    senders.push_back(system.spawn_on<Scripted>(
        sign > 0 ? 1 : 2, Script{.receive = [target, sign](Message& m) {
          for (int i = 1; i <= 2'000; ++i) target.send(sign * i);
          m.reply('.');
        }}));
  std::vector<Reply<char>> done;
  for (const ActorRef& sender : senders) done.push_back(sender.ask<char>(0));
  for (Reply<char>& reply : done) reply.get();
  target.ask<int>('?').get();

  CHECK(from_a.size() == 2'000);
  CHECK(from_b.size() == 2'000);
  CHECK(std::is_sorted(from_a.begin(), from_a.end()));
  CHECK(std::is_sorted(from_b.begin(), from_b.end()));
}

}  // namespace
}  // namespace greenroom::test
