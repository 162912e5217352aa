// Ten thousand small programs, put together at random from things to wait for:
// queues, a semaphore, a lock, an event and a pool, with limits and kills at
// any time. Each step is checked against a model that knows nothing of
// greenlets.
//
// A seed that fails is printed; GREENROOM_SEED=<seed> runs it alone.

#include "../../support/catch2.hpp"
#include "../../support/random.hpp"
#include "../../support/run_hub.hpp"

#include <greenroom/runtime/core/sanitizer.hpp>

#include <algorithm>
#include <cstdlib>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;

#if defined(GREENROOM_ASAN) || defined(GREENROOM_TSAN) || \
    defined(GREENROOM_EMULATED)
constexpr std::uint64_t kPrograms = 500;
#else
constexpr std::uint64_t kPrograms = 10'000;
#endif
constexpr std::size_t kGreenlets = 6;
constexpr int kSteps = 12;
constexpr int kMilliseconds = 100;  // then everybody is killed
constexpr std::ptrdiff_t kPermits = 2;
constexpr int kPlaces = 2;

// A queue, and what must be in it, in the order in which it must come out.
template <class Q>
class CheckedQueue {
 public:
  using Before = bool (*)(int, int);

  CheckedQueue(std::size_t maxsize, Before before)
      : queue_(maxsize), before_(before) {}

  void put(int item, Duration limit) {
    queue_.put(item, limit);
    note(item);
  }
  void put_nowait(int item) {
    queue_.put_nowait(item);
    note(item);
  }
  // Was it the item that had to come?
  bool get(Duration limit) { return is_next(queue_.get(limit)); }
  bool get_nowait() { return is_next(queue_.get_nowait()); }

  // Nobody waits for what is there.
  bool is_served(const Waiting& waiting) const {
    if (waiting.object != &queue_) return true;
    const std::string_view what = waiting.reason->what;
    return what == "an item" ? queue_.empty() : queue_.full();
  }
  // In the end: exactly what was put and not got is left.
  bool holds_the_rest() {
    while (!queue_.empty())
      if (!get_nowait()) return false;
    return items_.empty();
  }

 private:
  void note(int item) {
    items_.insert(std::upper_bound(items_.begin(), items_.end(), item, before_),
                  item);
  }
  bool is_next(int item) {
    if (items_.empty() || items_.front() != item) return false;
    items_.erase(items_.begin());
    return true;
  }

  Q queue_;
  const Before before_;
  std::vector<int> items_;
};

// In the order of putting, in the opposite order, and by value.
bool older(int, int) { return false; }
bool newer(int, int) { return true; }
bool smaller(int a, int b) { return a < b; }

class Program {
 public:
  explicit Program(std::uint64_t seed) : random_(seed) {}

  // What went wrong first; empty: nothing.
  std::string run() {
    for (std::size_t i = 0; i < kGreenlets; ++i)
      greenlets_.push_back(spawn([this] { live(); }));
    const auto lives = [](const GreenletPtr& g) { return !g->dead(); };
    for (int i = 0; i < kMilliseconds; ++i) {
      if (std::ranges::none_of(greenlets_, lives)) break;
      sleep(1ms);
      idle();
      look();
    }

    killall(greenlets_);
    pool_.join();
    check(fifo_.holds_the_rest(), "the queue lost or doubled an item");
    check(small_.holds_the_rest(), "the small queue lost or doubled an item");
    check(lifo_.holds_the_rest(), "the LIFO queue lost or doubled an item");
    check(sorted_.holds_the_rest(),
          "the priority queue lost or doubled an item");
    check(semaphore_.counter() == kPermits, "a permit was lost or doubled");
    check(!lock_.locked(), "the lock is still held");
    check(pool_.free_count() == kPlaces, "a place of the pool was lost");
    return wrong_;
  }

 private:
  void live() {
    for (int step = 0; step < kSteps; ++step) try {
        if (random_.below(4) == 0) {
          const Timeout limit = Timeout::start_new(some_time());
          act();
        } else {
          act();
        }
      } catch (const Empty&) {
      } catch (const Full&) {
      } catch (const TimeoutError&) {
      }
  }

  void act() {
    switch (random_.below(14)) {
      case 0:
        return fifo_.put(++last_item_, some_limit());
      case 1:
        return check(fifo_.get(some_limit()), "the queue: wrong item");
      case 2:
        return small_.put(++last_item_, some_limit());
      case 3:
        return check(small_.get(some_limit()), "the small queue: wrong item");
      case 4:
        return random_.below(2) == 0
                   ? lifo_.put(++last_item_, some_limit())
                   : check(lifo_.get(some_limit()), "LIFO queue: wrong item");
      case 5:
        return random_.below(2) == 0
                   ? sorted_.put(static_cast<int>(random_.below(100)),
                                 some_limit())
                   : check(sorted_.get(some_limit()),
                           "the priority queue: wrong item");
      case 6:
        return random_.below(2) == 0
                   ? small_.put_nowait(++last_item_)
                   : check(small_.get_nowait(), "small queue: wrong item");
      case 7:
        return use_semaphore();
      case 8:
        return use_lock();
      case 9:
        return use_event();
      case 10:
        pool_.spawn([this] { work(); });
        return;
      case 11:
        return map();
      case 12:
        return kill_somebody();
      default:
        return sleep(some_time());
    }
  }

  void use_semaphore() {
    if (!semaphore_.acquire(some_limit())) return;
    const Release release{*this};
    check(++permits_taken_ <= kPermits, "too many permits");
    sleep(some_time());
  }
  struct Release {
    ~Release() {
      --program.permits_taken_;
      program.semaphore_.release();
    }
    Program& program;
  };

  void use_lock() {
    const std::scoped_lock guard(lock_);
    const auto* me = &current();
    holder_ = me;
    sleep(some_time());
    check(holder_ == me, "two had the lock");
  }

  void use_event() {
    switch (random_.below(3)) {
      case 0:
        return event_.set();
      case 1:
        return event_.clear();
      default: {
        const bool was_set = event_.is_set();
        const std::uint64_t before = now();
        const Duration limit = some_limit();
        if (!event_.wait(limit))
          check(!was_set &&
                    now() - before == static_cast<std::uint64_t>(limit.count()),
                "the event: gave up, but not at its limit");
      }
    }
  }

  void work() {
    check(++working_ <= kPlaces, "too many in the pool");
    struct Leave {
      ~Leave() { --working; }
      int& working;
    } const leave{working_};
    sleep(some_time());
  }

  void map() {
    const auto squares = pool_.map(
        [this](int i) {
          work();
          return i * i;
        },
        std::vector{0, 1, 2, 3});
    check(squares == std::vector<int>{0, 1, 4, 9}, "map: wrong results");
  }

  void kill_somebody() {
    const auto members = pool_.members();
    if (!members.empty() && random_.below(2) == 0)
      members[random_.below(members.size())]->kill_soon();
    else if (const auto& victim = greenlets_[random_.below(kGreenlets)];
             victim.get() != &current())
      victim->kill_soon();
  }

  // Nothing is ready: does anybody wait for what is there?
  void look() {
    Hub::current().for_each_waiting([this](const Waiting& waiting) {
      check(fifo_.is_served(waiting) && small_.is_served(waiting) &&
                lifo_.is_served(waiting) && sorted_.is_served(waiting),
            "somebody waits at a queue for what is there");
      if (waiting.object == &semaphore_)
        check(semaphore_.locked(), "somebody waits for a permit that is there");
      if (waiting.object == &lock_)
        check(lock_.locked(), "somebody waits for a lock that is free");
      if (waiting.object == &event_)
        check(!event_.is_set(), "somebody waits for an event that is set");
    });
  }

  void check(bool is_right, const char* what) {
    if (!is_right && wrong_.empty()) wrong_ = what;
  }

  Duration some_time() { return random_.below(4) * 1ms; }
  Duration some_limit() {
    return random_.below(4) == 0 ? forever : some_time();
  }
  static std::uint64_t now() {
    return static_cast<std::uint64_t>(
        Hub::current().now().time_since_epoch().count());
  }

  Random random_;
  std::string wrong_;
  int last_item_ = 0;
  CheckedQueue<Queue<int>> fifo_{0, older};
  CheckedQueue<Queue<int>> small_{2, older};
  CheckedQueue<LifoQueue<int>> lifo_{3, newer};
  CheckedQueue<PriorityQueue<int>> sorted_{3, smaller};
  Semaphore semaphore_{kPermits};
  std::ptrdiff_t permits_taken_ = 0;
  Lock lock_;
  const Greenlet* holder_ = nullptr;
  Event event_;
  Pool pool_{kPlaces};
  int working_ = 0;
  std::vector<GreenletPtr> greenlets_;
};

std::string run(std::uint64_t seed) {
  std::string wrong;
  run_hub([&] {
    Program program(seed);
    wrong = program.run();
    wait();
  });
  return wrong;
}

TEST_CASE("random schedules: nothing is lost, doubled, or waited for in vain",
          "[runtime][random_schedules]") {
  if (const char* seed = std::getenv("GREENROOM_SEED")) {
    CHECK(run(std::stoull(seed)).empty());
    return;
  }
  for (std::uint64_t seed = 1; seed <= kPrograms; ++seed) {
    INFO("GREENROOM_SEED=" << seed << " replays it");
    REQUIRE(run(seed) == "");
  }
}

}  // namespace
}  // namespace greenroom::test
