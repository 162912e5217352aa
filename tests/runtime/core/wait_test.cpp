#include "../../support/catch2.hpp"
#include "../../support/run_hub.hpp"

#include <greenroom/runtime/core/errors.hpp>
#include <greenroom/runtime/core/wait.hpp>

#include <boost/intrusive/list.hpp>

#include <string>
#include <utility>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;

constexpr WaitReason kWaitsForTest{"the test"};

// Shows how to build a new kind of object to wait for.
class Gate {
 public:
  bool pass(Duration limit = forever) {
    Waiter waiter(kWaitsForTest, this);
    waiters_.add(waiter);
    return waiter.park(limit);
  }
  bool open_for_one() { return waiters_.notify_one(); }
  void open() { waiters_.notify_all(); }
  [[nodiscard]] std::size_t waiting() const { return waiters_.size(); }

 private:
  WaitList waiters_;
};

TEST_CASE("wait: a list is notified oldest first", "[runtime][wait]") {
  std::vector<int> log;

  run_hub([&] {
    Gate gate;
    for (int i = 0; i < 4; ++i)
      spawn([&, i] { gate.pass(), log.push_back(i); });
    sleep();
    CHECK(gate.waiting() == 4);
    CHECK(gate.open_for_one());
    CHECK(gate.waiting() == 3);
    sleep();
    CHECK(log == std::vector<int>{0});
    gate.open();
    CHECK_FALSE(gate.open_for_one());
    sleep();
  });

  CHECK(log == std::vector<int>{0, 1, 2, 3});
}

TEST_CASE("wait: one that timed out or was killed has left the list",
          "[runtime][wait]") {
  run_hub([&] {
    Gate gate;
    const auto late = spawn([&] { return gate.pass(1s); });
    const auto killed = spawn([&] { return gate.pass(); });
    const auto served = spawn([&] { return gate.pass(); });
    sleep();
    killed->kill();
    CHECK_FALSE(late->get());
    CHECK(gate.waiting() == 1);
    CHECK(gate.open_for_one());  // trap 4: the notice is not lost on the others
    CHECK(served->get());
  });
}

TEST_CASE("wait: one that keeps more leaves its list at once, too",
          "[runtime][wait]") {
  struct Numbered final : Waiter {
    explicit Numbered(int its_number)
        : Waiter(kWaitsForTest, nullptr), number(its_number) {}
    int number;
  };
  std::vector<int> log;

  run_hub([&] {
    boost::intrusive::list<Numbered, boost::intrusive::base_hook<WaitNode>,
                           boost::intrusive::constant_time_size<false>>
        list;
    const auto stand = [&](int number, Duration limit) {
      Numbered self(number);
      list.push_back(self);
      self.park(limit);
    };
    spawn(stand, 1, 1s);
    const auto killed = spawn(stand, 2, forever);
    spawn(stand, 3, forever);
    sleep(1s);
    killed->kill_soon();
    for (const Numbered& one : list) log.push_back(one.number);
    list.front().notified();
    CHECK(list.empty());
  });

  CHECK(log == std::vector<int>{3});
}

TEST_CASE("wait: knows what is left of its limit when it is woken",
          "[runtime][wait]") {
  run_hub([&](TestHub& h) {
    WaitList list;
    const auto g = spawn([&] {
      Waiter waiter(kWaitsForTest, &list);
      list.add(waiter);
      waiter.park(5s);
      const Duration left = waiter.left_of(5s);
      return std::pair(left, waiter.left_of(forever));
    });
    h.advance(2s);
    list.notify_all();
    CHECK(g->get() == std::pair<Duration, Duration>(3s, forever));
  });
}

TEST_CASE("wait: a kill sent before parking is thrown instead of it",
          "[runtime][wait]") {
  run_hub([&] {
    Gate gate;
    const auto g = spawn([&] {
      current().kill_soon();
      gate.pass();
    });
    g->join();
    CHECK(gate.waiting() == 0);
    CHECK(g->successful());
  });
}

TEST_CASE("wait: the first of notice, limit and kill wins", "[runtime][wait]") {
  std::vector<std::string> log;

  run_hub([&] {  // Trap 4
    Gate gate;
    const auto wait_twice = [&] {
      for (int i = 0; i < 2; ++i) {
        try {
          log.push_back(gate.pass(1s) ? "notice" : "limit");
        } catch (const GreenletExit&) {
          log.push_back("kill");
        }
      }
    };

    const auto notice_first = spawn(wait_twice);
    sleep();
    gate.open_for_one();
    notice_first->kill_soon();
    notice_first->join();

    const auto kill_first = spawn(wait_twice);
    sleep();
    kill_first->kill_soon();
    CHECK_FALSE(gate.open_for_one());
    kill_first->join();

    const auto limit_first = spawn(wait_twice);
    sleep(1s);  // due with the limit, and asked for earlier
    CHECK_FALSE(gate.open_for_one());
    limit_first->kill_soon();
    limit_first->join();
  });

  CHECK(log == std::vector<std::string>{"notice", "kill", "kill", "limit",
                                        "limit", "kill"});
}

TEST_CASE(
    "wait: a limit that passes after the notice, in one pass, changes nothing",
    "[runtime][wait]") {
  std::vector<bool> noticed;

  // Opens a gate when it is due.
  struct Opener : detail::Timer {
    explicit Opener(Gate& g)
        : Timer([](Timer& timer) noexcept {
            static_cast<Opener&>(timer).gate.open();
          }),
          gate(g) {}
    Gate& gate;
  };

  run_hub([&] {  // Trap 4
    Gate gate;
    Opener opener(gate);
    opener.start(Hub::current().timers(), Hub::current().now() + 1s);
    const auto g = spawn([&] {
      noticed.push_back(gate.pass(1s));  // due with the opener, and after it
      noticed.push_back(gate.pass(1s));
    });
    g->join();
  });

  CHECK(noticed == std::vector<bool>{true, false});
}

TEST_CASE("wait: a limit of zero gives way, and looks once",
          "[runtime][wait]") {
  run_hub([&](TestHub& h) {
    Gate gate;
    CHECK_FALSE(gate.pass(0s));
    CHECK_FALSE(gate.pass(-1s));
    spawn([&] { gate.open(); });
    CHECK(gate.pass(0s));
    CHECK(h.elapsed() == 0s);
  });
}

TEST_CASE("wait: the hub knows who waits, for what and since when",
          "[runtime][wait]") {
  run_hub([&] {
    Gate gate;
    sleep(2s);
    const auto g = spawn([&] { gate.pass(); });
    sleep(3s);
    Hub& hub = Hub::current();
    const auto look = [&] {
      std::size_t count = 0;
      hub.for_each_waiting([&](const Waiting& waiting) {
        ++count;
        CHECK(waiting.greenlet == g.get());
        CHECK(waiting.reason == &kWaitsForTest);
        CHECK(waiting.object == &gate);
        CHECK(waiting.since == TimePoint() + 2s);
        CHECK_FALSE(waiting.is_shielded);
      });
      return count;
    };
    CHECK(look() == 1);
    gate.open();
    CHECK(look() == 0);
  });
}

TEST_CASE("wait: is refused in a callback of the hub", "[runtime][wait]") {
  std::string refused;

  run_hub([&] {  // gevent 28
    Gate gate;
    Hub::current().post([&] {
      try {
        gate.pass();
      } catch (const BlockingSwitchOutError& e) {
        refused = e.what();
      }
    });
    sleep(1s);
    CHECK(gate.waiting() == 0);
  });

  CHECK(refused ==
        "a callback of the hub must not wait; spawn a greenlet for that");
}

}  // namespace
}  // namespace greenroom::test
