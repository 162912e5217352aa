#include "../../support/catch2.hpp"
#include "../../support/counted.hpp"
#include "../../support/dies.hpp"
#include "../../support/run_hub.hpp"

#include <greenroom/runtime/sync/event.hpp>
#include <greenroom/runtime/tasks/group.hpp>

#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;

using Log = std::vector<std::string>;

TEST_CASE("group: those who end in one turn see each other",
          "[runtime][group]") {
  std::vector<std::size_t> sizes;

  run_hub([&] {  // golden 25_group_map
    Group group;
    group.map([&](int) { sizes.push_back(group.size()); },
              std::vector<int>{0, 1, 2});
  });

  CHECK(sizes == std::vector<std::size_t>{3, 3, 3});
}

TEST_CASE("group: members are added, and joined", "[runtime][group]") {
  Log log;

  run_hub([&] {  // golden 24_group_add
    const auto talk = [&](const char* text) { log.emplace_back(text); };
    const auto bar = spawn(talk, "bar");
    const auto foo = spawn(talk, "foo");
    const auto fizz = spawn(talk, "fizz");
    Group group{bar};
    group.add(foo);
    group.join();
    group.add(fizz);
    CHECK(group.contains(fizz));  // until the next turn
    group.join();
    CHECK(group.empty());
  });

  CHECK(log == Log{"bar", "foo", "fizz"});
}

TEST_CASE("group: one that has joined a member finds that it has left",
          "[runtime][group]") {
  run_hub([] {
    Group group;
    group.spawn([] { sleep(1s); })->join();
    CHECK(group.empty());
    const auto failing = group.spawn([] { throw std::runtime_error("oops"); });
    CHECK_THROWS(failing->get());
    CHECK(group.empty());
  });
}

TEST_CASE("group: start() starts a greenlet of a user's class",
          "[runtime][group]") {
  class Worker : public Greenlet {
   public:
    explicit Worker(int& ran) : ran_(ran) {}

   private:
    void run() override { ++ran_; }
    int& ran_;
  };
  int ran = 0;

  run_hub([&] {
    Group group;
    const auto made = make_greenlet<Worker>(ran);
    group.start(made);
    group.start(made);
    const boost::intrusive_ptr<Worker> spawned = group.spawn<Worker>(ran);
    CHECK(group.members() == std::vector<GreenletPtr>{made, spawned});
    CHECK(group.join());
  });

  CHECK(ran == 2);
}

TEST_CASE("group: a greenlet may be a member of several", "[runtime][group]") {
  run_hub([] {
    Group one;
    Group two;
    const auto member = one.spawn([] { sleep(1s); });
    two.add(member);
    CHECK(one.discard(member));
    CHECK_FALSE(one.contains(member));
    CHECK(two.contains(member));
    CHECK(two.join());
    CHECK(member->dead());
  });
}

TEST_CASE("group: when it is destroyed its members run on",
          "[runtime][group]") {
  Log log;

  run_hub([&] {
    std::optional<Group> group(std::in_place);
    const auto member = group->spawn([&] {
      sleep(1s);
      log.emplace_back("ran on");
    });
    const auto ended = group->spawn([] {});
    ended->join();
    group.reset();
    CHECK(member->join());
  });

  CHECK(log == Log{"ran on"});
}

TEST_CASE("group: nothing of a member is kept once it has left",
          "[runtime][group]") {
  Counts counts;

  run_hub([&] {
    Group group;
    group.spawn([&] { return Counted(counts); });
    CHECK(group.join());
    CHECK(counts.alive == 0);
  });
}

TEST_CASE("group: kill of unstarted members ends them at once",
          "[runtime][group]") {
  bool ran = false;

  run_hub([&] {
    Group group;
    const auto unstarted = group.spawn([&] { ran = true; });
    CHECK(group.kill());
    CHECK(unstarted->dead());
    CHECK(group.empty());
    CHECK(group.kill());  // of nobody
  });

  CHECK_FALSE(ran);
}

TEST_CASE("group: kill with another exception", "[runtime][group]") {
  run_hub([] {
    Group group;
    const auto member = group.spawn([] { sleep(10s); });
    sleep();
    CHECK(group.kill(std::make_exception_ptr(std::runtime_error("enough"))));
    CHECK_THROWS_WITH(member->get(), "enough");
  });
}

TEST_CASE("group: killone kills a member, and no stranger",
          "[runtime][group]") {
  run_hub([] {
    Group group;
    const auto first = group.spawn([] { sleep(10s); });
    const auto second = group.spawn([] { sleep(10s); });
    const auto stranger = spawn([] { sleep(1s); });
    sleep();
    CHECK(group.killone(first));
    CHECK(first->dead());
    CHECK(group.members() == std::vector<GreenletPtr>{second});
    CHECK_FALSE(group.killone(stranger));
    CHECK(stranger->join());
    CHECK(stranger->successful());
    CHECK(group.killone(stranger));  // dead
    group.kill();
  });
}

TEST_CASE("group: a member that kills the group is killed itself",
          "[runtime][group]") {
  Log log;

  run_hub([&] {
    Group group;
    const auto killer = group.spawn([&] {
      group.kill();
      log.emplace_back("survived");
    });
    const auto other = group.spawn([&] { sleep(10s); });
    const auto suicide = group.spawn([&] {
      group.killone(GreenletPtr(&current()));
      log.emplace_back("survived");
    });
    joinall({killer, other, suicide});
    CHECK(killer->successful());
    CHECK(group.join());
  });

  CHECK(log.empty());
}

TEST_CASE("group: a killed joiner waits no longer", "[runtime][group]") {
  run_hub([] {
    Group group;
    group.spawn([] { sleep(2s); });
    const auto joiner = spawn([&] { group.join(); });
    sleep(1s);
    CHECK(joiner->kill());
    CHECK(group.join());
  });
}

TEST_CASE("group: map_async goes on by itself, and may be killed",
          "[runtime][group]") {
  run_hub([](TestHub& h) {
    Group group;
    const auto map = group.map_async(
        [](int n) {
          sleep(1s);
          return n + 1;
        },
        std::vector<int>{1, 2});
    CHECK(h.elapsed() == 0s);
    CHECK(map->get() == std::vector<int>{2, 3});
    const auto killed =
        group.map_async([](int) { sleep(1s); }, std::vector<int>{1, 2});
    sleep();
    CHECK(killed->kill());
    CHECK(group.size() == 2);  // the calls run on
    CHECK(group.join());
  });
}

TEST_CASE("group: add in another thread aborts with a sentence",
          "[runtime][group]") {
  const Death death = death_of([] {
    run_hub([] {
      Group group;
      std::thread([&] { group.join(); }).join();
    });
  });
  CHECK(death.signal == SIGABRT);
  CHECK(death.message.find("Group::join called from") != std::string::npos);
}

TEST_CASE("group: it is unwound with its hub", "[runtime][group]") {
  Log log;

  run_hub([&] {
    spawn([&] {
      struct Joiner {
        ~Joiner() {
          // Its members are killed with it.
          log.emplace_back(group.join(1s) ? "empty" : "not empty");
        }
        Log& log;
        Group& group;
      };
      Group group;
      const Joiner joiner{log, group};
      group.spawn([] { Event().wait(); });
      group.spawn([] { Event().wait(); });
      Event().wait();
    });
    sleep();
  });

  CHECK(log == Log{"empty"});
}

}  // namespace
}  // namespace greenroom::test
