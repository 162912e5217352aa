// One hub is deterministic: the same program on the same clock does the same
// things in the same order, every run.

#include "../support/catch2.hpp"
#include "../support/random.hpp"
#include "../support/run_hub.hpp"

#include <greenroom/runtime/core/sanitizer.hpp>

#include <algorithm>
#include <cstdint>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;

#if defined(GREENROOM_ASAN) || defined(GREENROOM_TSAN) || \
    defined(GREENROOM_EMULATED)
constexpr std::size_t kEvents = 10'000;
constexpr int kRuns = 4;
#else
constexpr std::size_t kEvents = 100'000;
constexpr int kRuns = 10;
#endif
constexpr int kActors = 100;
constexpr int kGreenlets = 50;

// Who did what, when.
struct Happened {
  int who;
  char what;
  std::uint64_t detail;
  std::int64_t when;
  friend bool operator==(const Happened&, const Happened&) = default;
};

// The world of one run: a hundred actors that answer, sleep, time out and are
// killed and replaced, and fifty greenlets that keep them busy.
class World {
 public:
  explicit World(std::uint64_t seed) : random_(seed) {}

  std::vector<Happened> run() {
    run_hub([this] {
      for (int i = 0; i < kActors; ++i) actors_.push_back(hire());
      std::vector<GreenletPtr> busy;
      for (int i = 0; i < kGreenlets; ++i)
        busy.push_back(spawn([this, i] { keep_busy(-1 - i); }));
      joinall(busy);
      for (const ActorRef& actor : actors_) actor.kill();
    });
    return std::move(log_);
  }

 private:
  class Member : public Actor {
   public:
    Member(World& world, int number) : world_(world), number_(number) {}

   private:
    void on_start() override { world_.note(number_, 'b'); }
    void on_stop(const ExitReason& reason) override {
      world_.note(number_, 'e', static_cast<std::uint64_t>(reason.kind));
    }
    void receive(Message& m) override {
      const auto dice = m.as<std::uint64_t>();
      world_.note(number_, 'r', dice);
      if (dice % 8 == 0) sleep(std::chrono::milliseconds(dice % 50));
      if (dice % 16 == 1) world_.any().send(dice / 2);
      if (dice % 512 == 3) throw GreenletExit("bad luck");
      if (dice % 128 == 5) stop();
      if (m.is_ask()) m.reply(dice + 1);
    }
    World& world_;
    const int number_;
  };

  void keep_busy(int me) {
    while (log_.size() < kEvents) {
      const std::uint64_t dice = random_.below(1'000);
      try {
        const Timeout limit = Timeout::start_new(20ms);
        if (dice < 600) {
          any().send(dice);
        } else if (dice < 900) {
          note(me, 'a', any().ask<std::uint64_t>(dice).get());
        } else if (dice < 990) {
          sleep(std::chrono::milliseconds(random_.below(40)));
          note(me, 's');
        } else {
          const std::size_t place = random_.below(kActors);
          actors_[place].kill();
          actors_[place] = hire();
          note(me, 'k', place);
        }
        if (dice % 4 == 0) sleep();
      } catch (const TimeoutError&) {
        note(me, 't');
      } catch (const std::exception&) {
        note(me, 'x');  // the asked actor has ended or failed
      }
    }
  }

  ActorRef hire() { return spawn<Member>(*this, ++hired_); }
  const ActorRef& any() { return actors_[random_.below(kActors)]; }
  void note(int who, char what, std::uint64_t detail = 0) {
    log_.push_back(
        {who, what, detail, Hub::current().now().time_since_epoch().count()});
  }

  Random random_;
  int hired_ = 0;
  std::vector<ActorRef> actors_;
  std::vector<Happened> log_;
};

TEST_CASE("determinism: the same program does the same in every run",
          "[actors][determinism]") {
  const std::vector<Happened> first = World(42).run();
  REQUIRE(first.size() >= kEvents);
  // It is a lively program: all kinds of events happen, and often.
  for (const char kind : {'b', 'e', 'r', 'a', 's', 'k', 't', 'x'}) {
    INFO(kind);
    CHECK(std::count_if(first.begin(), first.end(), [&](const Happened& h) {
            return h.what == kind;
          }) > 10);
  }

  for (int run = 1; run < kRuns; ++run) CHECK((World(42).run() == first));
  CHECK_FALSE((World(43).run() == first));
}

}  // namespace
}  // namespace greenroom::test
