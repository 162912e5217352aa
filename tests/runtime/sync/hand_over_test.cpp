// Trap 4 at large: limits and kills hit those that put and get. Still, what
// put() took is got exactly once, and what put() refused is never got.

#include "../../support/catch2.hpp"
#include "../../support/run_hub.hpp"

#include <greenroom/runtime/sync/channel.hpp>
#include <greenroom/runtime/sync/priority_queue.hpp>
#include <greenroom/runtime/sync/queue.hpp>
#include <greenroom/runtime/tasks/spawn.hpp>
#include <greenroom/runtime/tasks/timeout.hpp>

#include <algorithm>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;

// Everything happens at whole milliseconds, so that much happens at once.
class Storm {
 public:
  explicit Storm(unsigned seed) : random_(seed) {}

  template <class Q>
  void rage(Q& queue) {
    std::vector<GreenletPtr> all;
    for (int i = 0; i < 6; ++i) {
      all.push_back(spawn([&] { put_some(queue); }));
      all.push_back(spawn([&] { get_some(queue); }));
    }
    for (int i = 0; i < 8; ++i) {
      sleep(some_time());
      all[up_to(all.size() - 1)]->kill_soon();
      sleep(500us);  // between the milliseconds nothing is ready
      stuck |= is_stuck(queue);
      sleep(500us);
    }
    sleep(100ms);
    queue.close();
    for (const int item : queue) got.push_back(item);
    wait();
    std::sort(put.begin(), put.end());
    std::sort(got.begin(), got.end());
  }

  std::vector<int> put;
  std::vector<int> got;
  bool stuck = false;  // somebody waited for what was there

 private:
  std::size_t up_to(std::size_t most) {
    return std::uniform_int_distribution<std::size_t>(0, most)(random_);
  }
  Duration some_time() { return up_to(3) * 1ms; }
  Duration some_limit() { return up_to(2) == 0 ? 50ms : some_time(); }

  template <class Q>
  static bool is_stuck(Q& queue) {
    bool is = false;
    Hub::current().for_each_waiting([&](const Waiting& waiting) {
      if (waiting.object != &queue) return;
      const std::string what = waiting.reason->what;
      if (what == "an item") is |= queue.ready();
      if (what == "room in a queue") is |= !queue.full();
    });
    return is;
  }

  template <class Q>
  void put_some(Q& queue) {
    for (int i = 0; i < 10; ++i) {
      attempt([&] {
        const int item = next_item_++;
        if (up_to(4) == 0)
          queue.put_nowait(item);
        else
          queue.put(item, some_limit());
        put.push_back(item);
      });
    }
  }

  template <class Q>
  void get_some(Q& queue) {
    for (int i = 0; i < 10; ++i) {
      attempt([&] {
        got.push_back(up_to(4) == 0 ? queue.get_nowait()
                                    : queue.get(some_limit()));
      });
    }
  }

  template <class Call>
  void attempt(Call call) {
    try {
      const Timeout timeout = Timeout::start_new(some_limit());
      call();
    } catch (const std::runtime_error&) {
      // Empty, Full or Closed.
    } catch (const TimeoutError&) {
    }
    if (up_to(1) == 0) sleep(some_time());
  }

  std::mt19937 random_;
  int next_item_ = 0;
};

template <class Q, class... Args>
void check_in_storms(Args... args) {
  for (unsigned seed = 1; seed <= 200; ++seed) {
    Storm storm(seed);
    run_hub([&] {
      Q queue(args...);
      storm.rage(queue);
    });
    INFO("seed " << seed);
    REQUIRE_FALSE(storm.got.empty());
    REQUIRE(storm.got == storm.put);
    REQUIRE_FALSE(storm.stuck);
  }
}

TEST_CASE("hand-over: no item is lost or doubled by limits and kills",
          "[runtime][queue][channel]") {
  SECTION("unbounded") { check_in_storms<Queue<int>>(); }
  SECTION("room for one") { check_in_storms<Queue<int>>(1); }
  SECTION("room for three") { check_in_storms<PriorityQueue<int>>(3); }
  SECTION("no room") { check_in_storms<Channel<int>>(); }
}

}  // namespace
}  // namespace greenroom::test
