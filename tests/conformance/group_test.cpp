// gevent's Group, number by number: README.md.

#include "../support/catch2.hpp"
#include "../support/run_hub.hpp"
#include "../support/thrown_by.hpp"

#include <greenroom/runtime/tasks/group.hpp>
#include <greenroom/runtime/tasks/timeout.hpp>

#include <string>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;

using Log = std::vector<std::string>;

TEST_CASE(
    "gevent 202: join of an empty group returns at once, it returns false if "
    "the group is not empty in time",
    "[conformance][pool]") {
  Log log;

  run_hub([&](TestHub& h) {
    Pool pool(2);  // test__pool.TestJoinEmpty.test
    const auto other = spawn([&] { log.emplace_back("other"); });
    CHECK(pool.join());
    log.emplace_back("joined");

    // test__pool.TestSpawn.testSpawnAndWait
    pool.spawn([] { sleep(1s); });
    CHECK_FALSE(pool.join(100ms));
    CHECK(h.elapsed() == 100ms);
    CHECK(pool.join(1s));
    CHECK(h.elapsed() == 1s);
  });

  CHECK(log == Log{"joined", "other"});
}

TEST_CASE(
    "gevent 203: join ends when the group was empty once, and throws failures "
    "only if asked to",
    "[conformance][pool]") {
  run_hub([](TestHub& h) {
    Group group;
    group.spawn([] { sleep(1s); });
    const auto refill = spawn([&] {
      group.join();
      group.spawn([] { sleep(1s); });
    });
    sleep();
    CHECK(group.join());  // refilled in the same turn, before this wakes
    CHECK(h.elapsed() == 1s);
    CHECK(group.size() == 1);
    CHECK(group.join());

    // test__greenletset.Test.test_waitall
    const auto fail = [](const char* how) { throw Oops(how); };
    const auto later = [&](const char* how) { sleep(1s), fail(how); };
    group.spawn(later, "first member");
    group.spawn(fail, "first in time");
    CHECK(group.join());
    group.spawn(later, "first member");
    group.spawn(fail, "first in time");
    CHECK(thrown_by([&] { group.join(forever, raise_error); }) ==
          "first member");
    CHECK(h.elapsed() == 4s);
  });
}

TEST_CASE(
    "gevent 204: kill waits for the members, and kills those that are added "
    "meanwhile",
    "[conformance][pool]") {
  Log log;

  run_hub([&] {
    Group group;
    group.spawn([&] {
      try {
        sleep(1s);
      } catch (...) {
        group.spawn([&] { log.emplace_back("added during kill"); });
        sleep(1s);
        log.emplace_back("cleaned up");
        group.spawn([&] { sleep(5s), log.emplace_back("added at its end"); });
        throw;
      }
    });
    sleep();
    CHECK(group.kill());
    CHECK(group.empty());
    log.emplace_back("killed");
  });

  CHECK(log == Log{"added during kill", "cleaned up", "killed"});
}

TEST_CASE("gevent 205: kill_soon takes effect at the next turn",
          "[conformance][pool]") {
  run_hub([] {  // test__greenletset.Test.test_kill_noblock
    Group group;
    const auto member = group.spawn([] { sleep(10s); });
    sleep();
    group.kill_soon();
    CHECK(group.size() == 1);
    CHECK_FALSE(member->dead());
    sleep();
    CHECK(member->dead());
    sleep();
    CHECK(group.empty());
  });
}

TEST_CASE(
    "gevent 206: each member gets a kill only once, however often the group is "
    "killed",
    "[conformance][pool]") {
  int hits = 0;

  run_hub([&] {  // test__greenletset.Test.test_kill_fires_once
    Group group;
    const auto undead = group.spawn([&] {
      for (;;) {
        try {
          sleep(100s);
          return;
        } catch (const GreenletExit&) {
          ++hits;
        }
      }
    });
    sleep();
    CHECK_FALSE(group.kill(nullptr, 1s));
    CHECK_FALSE(group.kill(nullptr, 1s));
    CHECK_FALSE(group.killone(undead, nullptr, 1s));
    CHECK(hits == 1);
    CHECK_FALSE(undead->kill(nullptr, 1s));
    CHECK(hits == 2);
    CHECK(undead->join());
  });
}

TEST_CASE(
    "gevent 207: kill with a limit says whether some survive, and lets an "
    "outer Timeout through",
    "[conformance][pool]") {
  run_hub([](TestHub& h) {
    Group group;
    group.spawn([] {
      try {
        sleep(10s);
      } catch (const GreenletExit&) {
        sleep(10s);
      }
    });
    sleep();
    // Unlike gevent, which says nothing.
    CHECK_FALSE(group.kill(nullptr, 1s));
    CHECK(h.elapsed() == 1s);
    // test__greenletset.Test.test_kill_fires_once
    CHECK_THROWS_AS(with_timeout(1s, [&] { return group.kill(nullptr, 5s); }),
                    TimeoutError);
    CHECK(h.elapsed() == 2s);
    CHECK(group.kill());
    CHECK(h.elapsed() == 10s);
  });
}

TEST_CASE(
    "gevent 223: members are listed and killed in the order in which they were "
    "added",
    "[conformance][pool]") {
  Log log;

  run_hub([&] {  // gevent does not promise any
    Group group;
    const auto member = [&](const char* name) {
      try {
        sleep(1s);
      } catch (const GreenletExit&) {
        log.emplace_back(name);
        throw;
      }
    };
    const auto c = group.spawn(member, "c");
    const auto a = group.spawn(member, "a");
    const auto b = group.spawn(member, "b");
    sleep();
    CHECK(group.members() == std::vector<GreenletPtr>{c, a, b});
    group.kill();
  });

  CHECK(log == Log{"c", "a", "b"});
}

}  // namespace
}  // namespace greenroom::test
