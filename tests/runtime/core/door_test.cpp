#include "../../support/catch2.hpp"
#include "../../support/run_hub.hpp"

#include <greenroom/runtime/core/door.hpp>

#include <memory>
#include <thread>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;
using detail::Door;
using detail::Posted;

// Writes into a log, when it arrives, its number and the hub it finds there.
class Note final : public Posted {
 public:
  struct Arrival {
    int number;
    const Hub* where;
  };
  using Log = std::vector<Arrival>;

  Note(Log& log, int number) : log_(log), number_(number) {}
  void arrive() noexcept override {
    log_.push_back({number_, Hub::find()});
    delete this;
  }

 private:
  Log& log_;
  const int number_;
};

std::vector<int> numbers(const Note::Log& log) {
  std::vector<int> all;
  for (const Note::Arrival& arrival : log) all.push_back(arrival.number);
  return all;
}

// True if it went in.
bool post(Door& door, Note::Log& log, int number) {
  auto note = std::make_unique<Note>(log, number);
  const bool went_in = door.post(*note);
  if (went_in) (void)note.release();
  return went_in;
}

TEST_CASE("door: what is posted arrives on the hub's thread, in order",
          "[runtime][door]") {
  Note::Log log;

  run_hub([&] {
    Door& door = Door::of(Hub::current().id());
    for (int i = 0; i < 300; ++i) CHECK(post(door, log, i));
    CHECK(log.empty());
    CHECK(door.let_in());
    CHECK_FALSE(door.let_in());
    for (const Note::Arrival& arrival : log)
      if (arrival.where != Hub::find()) FAIL("arrived elsewhere");
  });

  REQUIRE(log.size() == 300);
  for (int i = 0; i < 300; ++i)
    CHECK(log[static_cast<std::size_t>(i)].number == i);
}

TEST_CASE("door: refuses when its hub has ended", "[runtime][door]") {
  Note::Log log;
  HubId id{};
  run_hub([&] {
    id = Hub::current().id();
    CHECK(Door::open_doors() == 1);
  });

  CHECK_FALSE(post(Door::of(id), log, 1));
  CHECK(log.empty());
  CHECK(Door::open_doors() == 0);
}

TEST_CASE("door: what is inside at the end arrives before it closes",
          "[runtime][door]") {
  Note::Log log;
  run_hub([&] {
    Door& door = Door::of(Hub::current().id());
    Hub::current().at_end([&] { post(door, log, 1); });
  });

  CHECK(numbers(log) == std::vector<int>{1});
}

TEST_CASE("door: what is posted quietly waits for the hub's next look",
          "[runtime][door]") {
  Note::Log log;

  run_hub([&] {
    Door& door = Door::of(Hub::current().id());
    door.post_quietly(*new Note(log, 1));
    idle();
    CHECK(numbers(log) == std::vector<int>{1});
  });
}

TEST_CASE("door: what came too late goes to the next hub, or to sweep()",
          "[runtime][door]") {
  Note::Log log;
  HubId id{};
  run_hub([&] { id = Hub::current().id(); });
  Door& door = Door::of(id);

  door.post_quietly(*new Note(log, 1));
  run_hub([&] {
    REQUIRE(Hub::current().id() == id);
    door.sweep();  // does nothing: the hub is alive
    CHECK(log.empty());
    idle();
    CHECK(numbers(log) == std::vector<int>{1});
  });

  door.post_quietly(*new Note(log, 2));
  door.sweep();
  CHECK(numbers(log) == std::vector<int>{1, 2});
  CHECK(log.back().where == nullptr);
}

TEST_CASE("door: keeps the hub awake while something is inside",
          "[runtime][door]") {
  Note::Log log;

  run_hub([&] {
    Door& door = Door::of(Hub::current().id());
    CHECK(Door::all_quiet(Hub::current().id()));
    post(door, log, 1);
    CHECK_FALSE(Door::all_quiet(Hub::current().id()));
    CHECK_FALSE(door.fall_asleep(true));
    door.let_in();
    CHECK(door.fall_asleep(true));
    CHECK_FALSE(door.awake());  // nobody rang
    CHECK(door.fall_asleep(false));
    std::thread([&] { post(door, log, 2); }).join();
    CHECK(door.awake());
    door.let_in();
  });

  CHECK(numbers(log) == std::vector<int>{1, 2});
}

TEST_CASE("door: all is quiet only if no other hub is at work",
          "[runtime][door]") {
  run_hub([&] {
    const HubId mine = Hub::current().id();
    bool quiet_beside_another = true;
    std::size_t doors = 0;
    std::thread([&] {
      const Hub busy;
      quiet_beside_another = Door::all_quiet(mine);
      doors = Door::open_doors();
    }).join();
    CHECK_FALSE(quiet_beside_another);
    CHECK(doors == 2);
    CHECK(Door::all_quiet(mine));
  });
}

}  // namespace
}  // namespace greenroom::test
