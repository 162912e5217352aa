// What gevent's Channel does, by number. Its tests are in
// src/gevent/tests/test__queue.py.

#include "../support/catch2.hpp"
#include "../support/run_hub.hpp"

#include <greenroom/runtime/sync/channel.hpp>

#include <string>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;
using Log = std::vector<std::string>;

TEST_CASE("gevent 186: put() returns when a getter has taken the item",
          "[conformance][channel]") {
  // TestChannel.test_zero_max_size.
  Log log;

  run_hub([&] {
    Channel<int> channel;
    spawn([&] { channel.put(1), log.push_back("put"); });
    const auto getter = spawn([&] {
      sleep(1s);
      log.push_back("gets");
      channel.get();
      log.push_back("got");
    });
    getter->join();
    wait();
  });

  CHECK(log == Log{"gets", "got", "put"});
}

TEST_CASE("gevent 187: when putter and getter meet, the getter goes on first",
          "[conformance][channel]") {
  // TestChannel.test_send, test_wait.
  Log log;

  run_hub([&] {
    Channel<std::string> channel;

    SECTION("when the putter came first") {
      spawn([&] {
        log.push_back(channel.get());
        log.push_back(channel.get());
      });
      log.push_back("sending");
      channel.put("hello");
      log.push_back("sent hello");
      channel.put("world");
      log.push_back("sent world");
      CHECK(log ==
            Log{"sending", "hello", "sent hello", "world", "sent world"});
    }
    SECTION("when the getter came first") {
      spawn([&] {
        log.push_back("sending hello");
        channel.put("hello");
        log.push_back("sending world");
        channel.put("world");
        log.push_back("sent world");
      });
      log.push_back("waiting");
      log.push_back(channel.get());
      log.push_back(channel.get());
      const Log so_far{"waiting", "sending hello", "hello", "sending world",
                       "world"};
      CHECK(log == so_far);
      sleep();
      CHECK(log.size() == so_far.size() + 1);
      CHECK(log.back() == "sent world");
    }
    wait();
  });
}

TEST_CASE("gevent 188: put_nowait() and get_nowait() need a partner that waits",
          "[conformance][channel]") {
  // TestChannel (test_put_nowait_simple).
  Log log;

  run_hub([&] {
    Channel<int> channel;
    CHECK_THROWS_AS(channel.put_nowait(1), Full);
    CHECK_THROWS_AS(channel.get_nowait(), Empty);

    auto getter = spawn([&] { return channel.get(); });
    sleep();
    channel.put_nowait(2);
    CHECK(getter->get() == 2);

    spawn([&] { channel.put(3); });
    sleep();
    CHECK(channel.get_nowait() == 3);

    const auto put_in_the_hub = [&](int item) {
      Hub::current().post([&, item] {
        try {
          channel.put_nowait(item);
          log.push_back("put");
        } catch (const Full&) {
          log.push_back("Full");
        }
      });
      sleep(1s);
    };
    put_in_the_hub(4);
    getter = spawn([&] { return channel.get(); });
    sleep();
    put_in_the_hub(5);
    CHECK(getter->get() == 5);
  });

  CHECK(log == Log{"Full", "put"});
}

TEST_CASE(
    "gevent 189: get_nowait() in a callback of the hub takes from a blocked "
    "putter",
    "[conformance][channel]") {
  // TestChannel.test_get_nowait_unlock_channel.
  Log log;

  run_hub([&] {
    Channel<int> channel;
    const auto putter = spawn([&] { channel.put(1), log.push_back("put"); });
    sleep();
    Hub::current().post(
        [&] { log.push_back("got " + std::to_string(channel.get_nowait())); });
    putter->join();
  });

  CHECK(log == Log{"got 1", "put"});
}

TEST_CASE(
    "gevent 190: limits throw Empty and Full, and let outer Timeouts through",
    "[conformance][channel]") {
  // TestGetInterruptChannel, TestPutInterruptChannel.
  Log log;

  run_hub([&](TestHub& h) {
    Channel<int> channel;
    CHECK_THROWS_AS(channel.get(1s), Empty);
    CHECK_THROWS_AS(channel.put(1, 1s), Full);
    CHECK(h.elapsed() == 2s);

    const auto under_timeout = [&](auto call) {
      const Timeout outer = Timeout::start_new(1s);
      try {
        call();
      } catch (const TimeoutError& e) {
        log.push_back(e.is(outer) ? "outer" : "foreign");
      }
    };
    under_timeout([&] { channel.get(2s); });
    under_timeout([&] { channel.put(1, 2s); });
    CHECK(channel.balance() == 0);
  });

  CHECK(log == Log{"outer", "outer"});
}

TEST_CASE("gevent 191: first come, first served on both sides",
          "[conformance][channel]") {
  Log log;

  run_hub([&] {
    Channel<int> channel;
    const auto put = [&](int item) {
      channel.put(item);
      log.push_back("put " + std::to_string(item));
    };
    const auto get = [&](const char* name) {
      log.push_back(name + std::to_string(channel.get()));
    };

    SECTION("putters first") {
      for (int i = 0; i < 3; ++i) spawn(put, i);
      sleep();
      CHECK(channel.balance() == 3);
      for (const char* name : {"a", "b", "c"}) get(name);
      wait();
      CHECK(log == Log{"a0", "b1", "c2", "put 0", "put 1", "put 2"});
    }
    SECTION("getters first") {
      for (const char* name : {"a", "b", "c"}) spawn(get, name);
      sleep();
      CHECK(channel.balance() == -3);
      for (int i = 0; i < 3; ++i) spawn(put, i);
      wait();
      CHECK(log == Log{"a0", "put 0", "b1", "put 1", "c2", "put 2"});
    }
  });
}

}  // namespace
}  // namespace greenroom::test
