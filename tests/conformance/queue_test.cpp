// What gevent's queues do, by number. Its tests are in
// src/gevent/tests/test__queue.py and test__monkey_queue.py.

#include "../support/catch2.hpp"
#include "../support/dies.hpp"
#include "../support/run_hub.hpp"
#include "../support/stubborn.hpp"

#include <algorithm>
#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;
using Log = std::vector<std::string>;

std::string outcome_of(const std::function<void()>& call) {
  try {
    call();
    return "done";
  } catch (const Empty&) {
    return "Empty";
  } catch (const Full&) {
    return "Full";
  } catch (const Closed&) {
    return "Closed";
  } catch (const TimeoutError&) {
    return "Timeout";
  } catch (const GreenletExit&) {
    return "killed";
  }
}

TEST_CASE("gevent 154: without a maxsize, or with 0, a queue is unbounded",
          "[conformance][queue]") {
  run_hub([&] {
    Queue<int> queue;
    Queue<int> zero(0);
    for (int i = 0; i < 10000; ++i) queue.put_nowait(i), zero.put_nowait(i);
    CHECK_FALSE(queue.full());
    CHECK_FALSE(zero.full());
  });
}

TEST_CASE("gevent 155: put() with room and get() with an item do not switch",
          "[conformance][queue]") {
  Log log;

  run_hub([&] {
    Queue<int> queue(1);
    spawn([&] { log.push_back("other"); });
    queue.put(1);
    queue.get();
    log.push_back("main");
    wait();
  });

  CHECK(log == Log{"main", "other"});
}

TEST_CASE(
    "gevent 159, 160: put_nowait() and get_nowait() work, also in a callback "
    "of the hub",
    "[conformance][queue]") {
  // UsesOnlyOneItemMixin.test_put_nowait_simple, test_put_nowait_unlock,
  // test_get_nowait_unlock; TestSimpleQueue.test_get_nowait_simple.
  Log log;

  run_hub([&] {
    Queue<int> queue(1);
    const auto in_the_hub = [&](auto call) {
      Hub::current().post([&log, call] { log.push_back(outcome_of(call)); });
      sleep(1s);
    };
    CHECK_THROWS_AS(queue.get_nowait(), Empty);
    in_the_hub([&] { queue.get_nowait(); });
    in_the_hub([&] { queue.put_nowait(1); });
    in_the_hub([&] { queue.put_nowait(2); });
    CHECK_THROWS_AS(queue.put_nowait(2), Full);

    const auto putter = spawn([&] { queue.put(2); });
    sleep();
    in_the_hub([&] { CHECK(queue.get_nowait() == 1); });
    CHECK(putter->dead());
    CHECK(queue.get() == 2);

    const auto getter = spawn([&] { return queue.get(); });
    sleep();
    in_the_hub([&] { queue.put_nowait(3); });
    CHECK(*getter->value() == 3);
  });

  CHECK(log == Log{"Empty", "done", "Full", "done", "done"});
}

TEST_CASE(
    "gevent 162: limits throw Empty and Full, and let outer Timeouts through",
    "[conformance][queue]") {
  // TestGetInterrupt*, TestPutInterrupt*: test_raises_timeout_number,
  // test_outer_timeout_is_not_lost.
  Log log;

  run_hub([&] {
    Queue<int> empty;
    Queue<int> full(1, {1});
    log.push_back(outcome_of([&] { empty.get(1s); }));
    log.push_back(outcome_of([&] { empty.peek(1s); }));
    log.push_back(outcome_of([&] { full.put(2, 1s); }));

    const Timeout outer = Timeout::start_new(1s);
    log.push_back(outcome_of([&] { empty.get(2s); }));
    const Timeout again = Timeout::start_new(1s);
    log.push_back(outcome_of([&] { full.put(2, 2s); }));
    CHECK(empty.empty());
    CHECK(full.size() == 1);
  });

  CHECK(log == Log{"Empty", "Empty", "Full", "Timeout", "Timeout"});
}

TEST_CASE("gevent 169: peek() waits, and leaves the item",
          "[conformance][queue]") {
  // TestSimpleQueue.test_send_first, test_peek_empty, test_peek_multi_greenlet.
  run_hub([&] {
    Queue<std::string> queue;
    CHECK_THROWS_AS(queue.peek(), LoopExit);
    CHECK_THROWS_AS(queue.peek(1s), Empty);
    const auto peeker = spawn([&] { return std::string(queue.peek()); });
    sleep();
    queue.put("hi");
    CHECK(peeker->get() == "hi");
    CHECK(queue.peek() == "hi");
    CHECK(queue.get() == "hi");
    CHECK_THROWS_AS(queue.peek_nowait(), Empty);
  });
}

TEST_CASE(
    "gevent 174: items come last in first out, or by priority, peek() agrees",
    "[conformance][queue]") {
  // monkey_queue.*.simple_queue_test, PriorityQueueTest.test__init.
  run_hub([&] {
    LifoQueue<int> lifo(0, {111, 333});
    lifo.put(222);
    for (const int next : {222, 333, 111}) {
      CHECK(lifo.peek() == next);
      CHECK(lifo.get() == next);
    }

    PriorityQueue<std::pair<int, std::string>> priority(
        0, {{3, "three"}, {1, "one"}, {2, "two"}});
    priority.put({1, "also one"});
    for (const char* next : {"also one", "one", "two", "three"}) {
      CHECK(priority.peek().second == next);
      CHECK(priority.get().second == next);
    }
  });
}

TEST_CASE("gevent 175: an item that fails to go in or out does no harm",
          "[conformance][queue]") {
  // monkey_queue.FailingQueueTest.test_failing_queue.
  run_hub([&] {
    PriorityQueue<Stubborn> queue(2);
    queue.put(Stubborn(2));
    const Stubborn one(1);
    Stubborn::refusals = 1;
    CHECK_THROWS_AS(queue.put(one), std::runtime_error);
    CHECK(queue.size() == 1);
    queue.put(one);
    CHECK(queue.full());

    const auto blocked = spawn([&] { queue.put(Stubborn(3)); });
    sleep();
    CHECK(queue.get().number == 1);
    Stubborn::refusals = 1;
    CHECK_THROWS_AS(blocked->get(), std::runtime_error);
    CHECK(queue.size() == 1);

    Stubborn::refusals = 1;
    CHECK_THROWS_AS(queue.get(), std::runtime_error);
    CHECK(queue.get().number == 2);
    CHECK(queue.empty());
  });
}

TEST_CASE("gevent 176: task_done() more often than put() is an error",
          "[conformance][queue]") {
  // monkey_queue.BaseQueueTest.test_queue_task_done, test_queue_join. Unlike
  // gevent, where it is a ValueError.
  run_hub([&] {
    JoinableQueue<int> queue;
    CHECK_THROWS_AS(queue.task_done(), std::logic_error);
    queue.put(1);
    queue.get();
    queue.task_done();
    CHECK_THROWS_AS(queue.task_done(), std::logic_error);
  });
}

TEST_CASE("gevent 177, 178: join() waits until all tasks are done",
          "[conformance][queue]") {
  // TestQueue.test_issue_45, monkey_queue.test_queue_task_done_with_items.
  Log log;

  run_hub([&] {
    JoinableQueue<int> fresh;
    CHECK(fresh.join());

    JoinableQueue<int> queue(0, {1, 2, 3});
    CHECK(queue.unfinished_tasks() == 3);
    CHECK_FALSE(queue.join(1s));
    const auto joiner = spawn([&] { return queue.join(5s); });
    for (int i = 0; i < 3; ++i) {
      sleep();
      CHECK_FALSE(joiner->dead());
      queue.get();
      queue.task_done();
    }
    CHECK(joiner->get());
    CHECK(queue.join());
  });
}

TEST_CASE("gevent 179: join() ends even if a put comes before the joiner runs",
          "[conformance][queue]") {
  run_hub([&] {
    JoinableQueue<int> queue(0, {1});
    const auto joiner = spawn([&] { return queue.join(); });
    sleep();
    queue.task_done();
    queue.put(2);
    CHECK(joiner->get());
    CHECK_FALSE(queue.join(1s));
  });
}

TEST_CASE(
    "gevent 180: close() ends put() at once, and get() when the queue is empty",
    "[conformance][queue]") {
  // TestQueue.test_shutdown_all_methods_in_one_thread. gevent's shutdown() and
  // ShutDown.
  Log log;

  run_hub([&] {
    Queue<int> queue(1, {1});
    Queue<int> empty;
    for (const Duration limit : {forever, Duration(5s)}) {
      spawn([&, limit] {
        log.push_back("put " + outcome_of([&] { queue.put(2, limit); }));
      });
      spawn([&, limit] {
        log.push_back("get " + outcome_of([&] { empty.get(limit); }));
      });
    }
    sleep();
    queue.close();
    empty.close();
    wait();
    CHECK(outcome_of([&] { queue.put(2); }) == "Closed");
    CHECK(outcome_of([&] { queue.put_nowait(2); }) == "Closed");
    CHECK(queue.get() == 1);
    CHECK(outcome_of([&] { queue.get(); }) == "Closed");
    CHECK(outcome_of([&] { queue.get_nowait(); }) == "Closed");
  });

  CHECK(log == Log{"put Closed", "put Closed", "get Closed", "get Closed"});
}

TEST_CASE("gevent 181: close() and clear() drop the items as if done",
          "[conformance][queue]") {
  // TestQueue.test_shutdown_immediate_all_methods_in_one_thread. gevent's
  // shutdown(immediate=True).
  run_hub([&] {
    JoinableQueue<int> queue(0, {1, 2});
    const auto joiner = spawn([&] { return queue.join(); });
    sleep();
    queue.close();
    queue.clear();
    CHECK(joiner->get());
    CHECK(outcome_of([&] { queue.get(); }) == "Closed");
    CHECK_THROWS_AS(queue.task_done(), std::logic_error);
  });
}

TEST_CASE("gevent 182: a limit below zero is like a limit of zero",
          "[conformance][queue]") {
  // Unlike gevent since 24.10, which throws ValueError.
  run_hub([&](TestHub& h) {
    Queue<int> queue(1);
    CHECK_THROWS_AS(queue.get(-1s), Empty);
    queue.put(1);
    CHECK_THROWS_AS(queue.put(2, -1s), Full);
    CHECK(h.elapsed() == 0s);
  });
}

TEST_CASE("gevent 183: a queue class of your own says which item is next",
          "[conformance][queue]") {
  // TestSimpleQueue.test_subclass_assign_queue,
  // test_init_and_bottleneck_methods. Unlike gevent, where it overrides
  // _init(), _get() and _put() in a subclass.
  struct Loudest {
    [[nodiscard]] std::size_t size() const { return words.size(); }
    [[nodiscard]] bool empty() const { return words.empty(); }
    void add(std::string word) {
      words.push_back(std::move(word));
      std::sort(words.begin(), words.end(), [](const auto& a, const auto& b) {
        return a.size() < b.size();
      });
    }
    std::string& next() { return words.back(); }
    void remove_next() { words.pop_back(); }
    std::vector<std::string> words;
  };

  run_hub([&] {
    Queue<std::string, Loudest> queue;
    for (const char* word : {"hm", "HELLO", "hey"}) queue.put(word);
    CHECK(queue.get() == "HELLO");
    CHECK(queue.get() == "hey");
    CHECK(queue.get() == "hm");
  });
}

TEST_CASE(
    "gevent 185: a queue belongs to one thread, use from another aborts and "
    "says so",
    "[conformance][queue]") {
  // Issue 2045. Unlike gevent, where the failure comes later.
  const Death death = death_of([] {
    run_hub([] {
      Queue<int> queue;
      std::thread([&] { queue.put(1); }).join();
    });
  });
  CHECK(death.signal == SIGABRT);
  CHECK(death.message.find("Queue::put called from") != std::string::npos);
}

}  // namespace
}  // namespace greenroom::test
