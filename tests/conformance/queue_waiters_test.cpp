// The waiters of gevent's queues: in which order they are served, and what one
// that gives up leaves to the others. By number, as in queue_test.cpp.

#include "../support/catch2.hpp"
#include "../support/run_hub.hpp"

#include <string>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;
using Log = std::vector<std::string>;

// Gets items for ever, and logs each.
template <class Q>
GreenletPtr consumer(Q& queue, Log& log, std::string name) {
  return spawn([&queue, &log, name] {
    for (auto item : queue) log.push_back(name + std::to_string(item));
  });
}

TEST_CASE("gevent 156: items, getters and putters are served in order",
          "[conformance][queue]") {
  Log log;

  run_hub([&] {
    // TestSimpleQueue.test_multiple_waiters: each of 20 gets once, then each
    // of 20 puts once.
    Queue<int> queue(1);
    const auto get = [&](int i) {
      log.push_back(std::to_string(i) + ":" + std::to_string(queue.get()));
    };
    for (int i = 0; i < 20; ++i) spawn(get, i);
    sleep();
    for (int i = 0; i < 20; ++i) queue.put(i);
    wait();
    for (int i = 0; i < 20; ++i) spawn([&, i] { queue.put(i); });
    sleep();
    for (int i = 0; i < 20; ++i) get(i);
    wait();
  });

  Log expected;
  for (int round = 0; round < 2; ++round)
    for (int i = 0; i < 20; ++i)
      expected.push_back(std::to_string(i) + ":" + std::to_string(i));
  CHECK(log == expected);
}

TEST_CASE("gevent 157: the first of several consumers takes a whole burst",
          "[conformance][queue]") {
  Log log;

  run_hub([&] {
    Queue<int> queue;
    for (const char* name : {"a", "b", "c"}) consumer(queue, log, name);
    sleep();

    SECTION("in a burst") {
      for (int i = 0; i < 6; ++i) queue.put(i);
      wait(1s);
      CHECK(log == Log{"a0", "a1", "a2", "a3", "a4", "a5"});
    }
    SECTION("with a yield between puts they alternate") {
      for (int i = 0; i < 6; ++i) {
        queue.put(i);
        sleep();
      }
      CHECK(log == Log{"a0", "b1", "c2", "a3", "b4", "c5"});
    }
    SECTION("and the others keep their places") {
      for (int i = 0; i < 3; ++i) queue.put(i);
      sleep();
      log.clear();
      for (int i = 3; i < 6; ++i) {
        queue.put(i);
        sleep();
      }
      CHECK(log == Log{"b3", "c4", "a5"});
    }
    queue.close();
    wait();
  });
}

TEST_CASE(
    "gevent 158: an item put for a waiting getter can be taken by others until "
    "it runs",
    "[conformance][queue]") {
  Log log;

  run_hub([&] {
    Queue<int> queue;
    const auto get = [&](const char* name) {
      log.push_back(name + std::to_string(queue.get()));
    };
    spawn(get, "waiter ");
    spawn(get, "second ");
    sleep();
    queue.put(1);
    CHECK(queue.size() == 1);
    log.push_back("thief " + std::to_string(queue.get_nowait()));
    sleep();
    queue.put(2);
    queue.put(3);
    wait();
  });

  CHECK(log == Log{"thief 1", "waiter 2", "second 3"});
}

TEST_CASE("gevent 164: a getter that gives up loses nothing",
          "[conformance][queue]") {
  // TestSimpleQueue.test_waiters_that_cancel, test_two_waiters_one_dies,
  // test_two_bogus_waiters.
  Log log;

  run_hub([&] {
    Queue<int> queue;
    const auto late = spawn([&] { queue.get(1s); });
    const auto killed = spawn([&] { queue.get(); });
    const auto patient = spawn([&] { return queue.get(); });
    sleep();
    CHECK_THROWS_AS(late->get(), Empty);
    killed->kill();
    queue.put(1);
    CHECK(patient->get() == 1);

    const auto bogus = spawn([&] { queue.get(1s); });
    CHECK_THROWS_AS(bogus->get(), Empty);
    queue.put(2);
    CHECK(queue.size() == 1);
    CHECK(queue.get() == 2);
  });
}

TEST_CASE("gevent 165: of an item and a kill, the first one wins",
          "[conformance][queue]") {
  run_hub([&] {
    Queue<int> queue;
    const auto served = spawn([&] { return queue.get(); });
    sleep();
    queue.put(1);
    CHECK(served->kill());
    REQUIRE(served->value() != nullptr);
    CHECK(*served->value() == 1);

    const auto killed = spawn([&] { return queue.get(); });
    sleep();
    killed->kill_soon();
    queue.put(2);
    sleep();
    CHECK(killed->value() == nullptr);
    CHECK(queue.get_nowait() == 2);
  });
}

TEST_CASE("gevent 166: a putter that is killed or times out inserts nothing",
          "[conformance][queue]") {
  run_hub([&] {
    Queue<int> queue(1, {1});
    const auto killed = spawn([&] { queue.put(2); });
    const auto late = spawn([&] { queue.put(3, 1s); });
    sleep();
    killed->kill();
    CHECK_THROWS_AS(late->get(), Full);
    CHECK(queue.get() == 1);
    sleep();
    CHECK(queue.empty());
  });
}

TEST_CASE(
    "gevent 167, 168: a put to a waiting getter arrives, even if the sender is "
    "dead",
    "[conformance][queue]") {
  // TestSimpleQueue.test_senders_that_die, test_send_last.
  run_hub([&] {
    Queue<std::string> queue;
    spawn([&] { queue.put("hi"); });
    CHECK(queue.get() == "hi");

    const auto waiter = spawn([&] { return queue.get(); });
    sleep();
    queue.put("hi2");
    sleep();
    REQUIRE(waiter->value() != nullptr);
    CHECK(*waiter->value() == "hi2");
  });
}

TEST_CASE("gevent 170: one put serves a peeker and the getter behind it",
          "[conformance][queue]") {
  // Only if the peeker waited first: otherwise the getter leaves it nothing.
  run_hub([&] {
    Queue<int> queue;
    const auto peeker = spawn([&] { return int(queue.peek()); });
    const auto getter = spawn([&] { return queue.get(); });
    const auto late_peeker = spawn([&] { return int(queue.peek()); });
    sleep();
    queue.put(1);
    CHECK(peeker->get() == 1);
    CHECK(getter->get() == 1);
    CHECK_FALSE(late_peeker->join(1s));
    queue.put(2);
    CHECK(late_peeker->get() == 2);
  });
}

TEST_CASE("gevent 171: a blocked put goes on as soon as one item is taken",
          "[conformance][queue]") {
  // TestSimpleQueue.test_max_size.
  Log log;

  run_hub([&] {
    Queue<std::string> two(2);
    const auto putter = spawn([&] {
      for (const char* item : {"a", "b", "c"})
        two.put(item), log.push_back(item);
    });
    sleep();
    CHECK(log == Log{"a", "b"});
    CHECK(two.get() == "a");
    sleep();
    CHECK(log == Log{"a", "b", "c"});
    CHECK(two.get() == "b");
    CHECK(two.get() == "c");
    CHECK(putter->dead());

    log.clear();
    Queue<int> one(1);
    spawn([&] {
      for (int i = 0; i < 3; ++i)
        one.put(i), log.push_back("p" + std::to_string(i));
    });
    spawn([&] {
      for (int i = 0; i < 3; ++i)
        log.push_back("c" + std::to_string(one.get()));
    });
    wait();
    CHECK(log == Log{"p0", "c0", "p1", "c1", "p2", "c2"});
  });
}

TEST_CASE("gevent 156, 171: three producers take turns at a queue for one",
          "[conformance][queue]") {
  Log log;

  run_hub([&] {
    Queue<std::string> queue(1);
    for (const char* name : {"a", "b", "c"})
      spawn([&, name] {
        for (int i = 0; i < 3; ++i) queue.put(name + std::to_string(i));
      });
    spawn([&] {
      for (int i = 0; i < 9; ++i) log.push_back(queue.get());
    });
    wait();
  });

  CHECK(log == Log{"a0", "a1", "b0", "c0", "a2", "b1", "c1", "b2", "c2"});
}

TEST_CASE("gevent 172: iteration gives items until the queue is closed",
          "[conformance][queue]") {
  // Unlike gevent, where an item that is the class StopIteration ends it
  // (TestChannel.test_iterable).
  Log log;

  run_hub([&] {
    Queue<int> queue(0, {1, 2});
    const auto reader = consumer(queue, log, "");
    sleep();
    queue.put(3);
    queue.close();
    reader->get();
  });

  CHECK(log == Log{"1", "2", "3"});
}

}  // namespace
}  // namespace greenroom::test
