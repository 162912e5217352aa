#include "../../support/alarm.hpp"
#include "../../support/catch2.hpp"
#include "../../support/dies.hpp"
#include "../../support/run_hub.hpp"
#include "../../support/stubborn.hpp"

#include <greenroom/runtime/sync/channel.hpp>
#include <greenroom/runtime/tasks/join.hpp>
#include <greenroom/runtime/tasks/spawn.hpp>

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;
using Log = std::vector<std::string>;

TEST_CASE("channel: whoever comes first waits for the other",
          "[runtime][channel]") {
  Log log;

  run_hub([&](TestHub& h) {
    Channel<std::unique_ptr<int>> channel;
    spawn_later(1s, [&] { channel.put(std::make_unique<int>(1)); });
    CHECK(*channel.get() == 1);
    CHECK(h.elapsed() == 1s);
    spawn_later(1s, [&] { CHECK(*channel.get() == 2); });
    channel.put(std::make_unique<int>(2));
    CHECK(h.elapsed() == 2s);
    CHECK(channel.size() == 0);
    CHECK(channel.empty());
    CHECK(channel.full());
  });
}

TEST_CASE("channel: an item that nobody took is still the putter's",
          "[runtime][channel]") {
  run_hub([&] {
    Channel<std::unique_ptr<int>> channel;
    auto item = std::make_unique<int>(1);
    CHECK_THROWS_AS(channel.put(std::move(item), 1s), Full);
    CHECK_THROWS_AS(channel.put_nowait(std::move(item)), Full);
    channel.close();
    CHECK_THROWS_AS(channel.put(std::move(item)), Closed);
    REQUIRE(item != nullptr);
  });
}

TEST_CASE("channel: once they have met, kills and limits come too late",
          "[runtime][channel]") {
  Log log;

  run_hub([&] {  // Trap 4
    Channel<int> channel;
    const auto say = [&](const std::string& what, auto call) {
      try {
        call();
        log.push_back(what);
        sleep(1s);
        log.push_back(what + ", slept");
      } catch (const GreenletExit&) {
        log.push_back(what + ", killed");
      }
    };

    // The putter comes second: both are ready when they are killed.
    auto getter =
        spawn([&] { say("got", [&] { CHECK(channel.get() == 1); }); });
    auto putter = spawn([&] { say("put", [&] { channel.put(1); }); });
    sleep();
    putter->kill_soon();
    getter->kill_soon();
    joinall({getter, putter});
    CHECK(log == Log{"got", "got, killed", "put", "put, killed"});
    log.clear();

    // Their limits end right after they have met.
    getter = spawn([&] { say("got", [&] { CHECK(channel.get(1s) == 2); }); });
    sleep();
    Alarm meeting(1s - 1ns, [&] {
      putter = spawn([&] { say("put", [&] { channel.put(2, 1ns); }); });
    });
    wait();
    CHECK(log == Log{"got", "put", "got, slept", "put, slept"});
  });
}

TEST_CASE("channel: before they have met, kills and limits win",
          "[runtime][channel]") {
  run_hub([&] {  // Trap 4
    Channel<int> channel;
    const auto killed = spawn([&] { channel.put(1); });
    const auto late = spawn([&] { channel.put(2, 1s); });
    const auto next = spawn([&] { channel.put(3); });
    sleep();
    CHECK(channel.balance() == 3);
    std::optional<int> got;
    Alarm too_late(1s, [&] {
      killed->kill_soon();
      CHECK(channel.balance() == 1);
      got = channel.get_nowait();
    });
    joinall({killed, late, next});
    CHECK(got == 3);
    CHECK_THROWS_AS(late->get(), Full);

    const auto dead = spawn([&] { channel.get(); });
    const auto alive = spawn([&] { return channel.get(); });
    sleep();
    dead->kill_soon();
    CHECK(channel.balance() == -1);
    channel.put(4);
    CHECK(alive->get() == 4);
  });
}

TEST_CASE("channel: a putter that was sent a kill withdraws its offer",
          "[runtime][channel]") {
  Log log;

  run_hub([&] {
    Channel<int> channel;
    const auto get = [&](const char* name) {
      log.push_back(name + std::to_string(channel.get(5s)));
    };
    const auto first = spawn(get, "first ");
    const auto second = spawn(get, "second ");
    const auto putter = spawn([&] {
      current().kill_soon();
      channel.put(1);
    });
    joinall({putter});
    CHECK(putter->value() == nullptr);
    sleep();
    CHECK(channel.balance() == -2);
    channel.put(2);
    channel.put(3);
    joinall({first, second});
  });

  CHECK(log == Log{"first 2", "second 3"});
}

TEST_CASE("channel: an item that cannot be moved is there for the next",
          "[runtime][channel]") {
  Log log;

  run_hub([&] {
    Channel<Stubborn> channel;
    const auto get = [&](const std::string& name) {
      try {
        log.push_back(name + std::to_string(channel.get().number));
      } catch (const std::runtime_error& e) {
        log.push_back(name + e.what());
      }
    };

    SECTION("when the putter came first") {
      const auto putter = spawn([&] { channel.put(Stubborn(1)); });
      sleep();
      Stubborn::refusals = 1;
      get("a ");
      CHECK_FALSE(putter->dead());
      get("b ");
    }
    SECTION("when the getters came first") {
      spawn(get, "a ");
      spawn(get, "b ");
      sleep();
      Stubborn::refusals = 1;
      channel.put(Stubborn(1));
    }
    SECTION("when it was put without waiting") {
      spawn(get, "a ");
      sleep();
      channel.put_nowait(Stubborn(1));
      Stubborn::refusals = 1;
      sleep();
      CHECK(channel.balance() == 1);
      get("b ");
    }
    SECTION("also when nobody is left to take it") {
      spawn(get, "a ");
      sleep();
      Stubborn item(1);
      Stubborn::refusals = 1;
      CHECK_THROWS_AS(channel.put(std::move(item), 1s), Full);
      CHECK(item.number == 1);  // NOLINT: the point of it
      log.push_back("b 1");
    }
    wait();
    CHECK(channel.balance() == 0);
    CHECK(log == Log{"a refused", "b 1"});
  });
}

TEST_CASE("channel: close() wakes those who wait, and lets a meeting end",
          "[runtime][channel]") {
  run_hub([&] {
    Channel<int> channel;
    const auto putter = spawn([&] { channel.put(1); });
    const auto late = spawn([&] { channel.put(1, 5s); });
    sleep();
    channel.close();
    channel.close();
    CHECK(channel.is_closed());
    CHECK_THROWS_AS(putter->get(), Closed);
    CHECK_THROWS_AS(late->get(), Closed);
    CHECK_THROWS_AS(channel.get(), Closed);
    CHECK_THROWS_AS(channel.get_nowait(), Closed);
    CHECK_THROWS_AS(channel.put_nowait(1), Closed);

    Channel<int> other;
    const auto served = spawn([&] { return other.get(); });
    const auto waits = spawn([&] { return other.get(5s); });
    sleep();
    other.put_nowait(2);
    other.close();
    CHECK(served->get() == 2);
    CHECK_THROWS_AS(waits->get(), Closed);
  });
}

TEST_CASE("channel: iteration gets items until it is closed",
          "[runtime][channel]") {
  Log log;

  run_hub([&] {
    Channel<int> channel;
    spawn([&] {
      for (int i = 0; i < 3; ++i) {
        channel.put(i);
        log.push_back("put");
      }
      channel.close();
    });
    for (const int item : channel) log.push_back(std::to_string(item));
    log.push_back("end");
  });

  CHECK(log == Log{"0", "put", "1", "put", "2", "put", "end"});
}

TEST_CASE("channel: can be waited for together with other things",
          "[runtime][channel]") {
  run_hub([&] {
    Channel<int> channel;
    CHECK(wait({&channel}, 1s).empty());
    const auto putter = spawn([&] { channel.put(1); });
    CHECK(wait({&channel}, 1s).size() == 1);
    CHECK(channel.ready());
    CHECK(channel.get_nowait() == 1);
    CHECK_FALSE(channel.ready());
    putter->join();
  });
}

TEST_CASE("channel: when it is destroyed nobody waits for it any more",
          "[runtime][channel]") {
  run_hub([&] {
    std::optional<Channel<int>> getting(std::in_place);
    std::optional<Channel<int>> putting(std::in_place);
    const auto getter = spawn([&] { getting->get(1s); });
    const auto putter = spawn([&] { putting->put(1, 1s); });
    const auto endless = spawn([&] { putting->put(1); });
    sleep();
    getting.reset();
    putting.reset();
    CHECK_THROWS_AS(getter->get(), Empty);
    CHECK_THROWS_AS(putter->get(), Full);
    CHECK_FALSE(endless->join(1s));
    CHECK(endless->kill());
  });
}

TEST_CASE("channel: callbacks of the hub may not wait there",
          "[runtime][channel]") {
  int refused = 0;

  run_hub([&] {
    Channel<int> channel;
    const auto getter = spawn([&] { return channel.get(1s); });
    sleep();
    Hub::current().post([&] {
      try {
        channel.put(1);
      } catch (const BlockingSwitchOutError&) {
        ++refused;
      }
      try {
        channel.get();
      } catch (const BlockingSwitchOutError&) {
        ++refused;
      }
    });
    CHECK_THROWS_AS(getter->get(), Empty);
    CHECK(channel.balance() == 0);
  });

  CHECK(refused == 2);
}

TEST_CASE("channel: use from another thread aborts with a sentence",
          "[runtime][channel]") {
  const auto misuse = [](auto call) {
    return death_of([&] {
      run_hub([&] {
        Channel<int> channel;
        std::thread([&] { call(channel); }).join();
      });
    });
  };

  const Death put = misuse([](Channel<int>& channel) { channel.put(1); });
  CHECK(put.signal == SIGABRT);
  CHECK(put.message.find("Channel::put called from a thread without a hub") !=
        std::string::npos);
  CHECK(misuse([](Channel<int>& c) { c.get(); }).signal == SIGABRT);
  CHECK(misuse([](Channel<int>& c) { c.get_nowait(); }).signal == SIGABRT);
  CHECK(misuse([](Channel<int>& c) { c.put_nowait(1); }).signal == SIGABRT);
  CHECK(misuse([](Channel<int>& c) { c.close(); }).signal == SIGABRT);
}

}  // namespace
}  // namespace greenroom::test
